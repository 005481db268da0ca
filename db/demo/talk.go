package demo

import (
	"bufio"
	"embed"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

//go:embed talk/*.txt
var talkFiles embed.FS

// talk is what people say in one language. The lines stand under their topic
// and begin with ? for an opening question, + for the customer, = for the
// agent.
type talk struct {
	topics []string // those with an opening question
	lines  map[string][]string
}

const (
	opening  = "?"
	customer = "+"
	answer   = "="
)

var talks = map[string]talk{"zh": readTalk("zh"), "en": readTalk("en"), "mixed": readTalk("mixed")}

func readTalk(lang string) talk {
	f, err := talkFiles.Open("talk/" + lang + ".txt")
	if err != nil {
		panic(err) // the files are compiled in
	}
	defer f.Close()
	t := talk{lines: map[string][]string{}}
	topic := ""
	for lines := bufio.NewScanner(f); lines.Scan(); {
		mark, text, _ := strings.Cut(lines.Text(), " ")
		if mark == "#" {
			topic = text
			continue
		}
		if mark == opening && len(t.lines[topic+opening]) == 0 {
			t.topics = append(t.topics, topic)
		}
		t.lines[topic+mark] = append(t.lines[topic+mark], text)
	}
	return t
}

// random is the source of everything that varies; its seed never does.
type random struct{ *rand.Rand }

func newRandom() *random { return &random{rand.New(rand.NewPCG(20261123, 65))} }

func pick[T any](r *random, of []T) T { return of[r.IntN(len(of))] }

// about scatters a duration around its mean, mostly below it.
func (r *random) about(mean time.Duration) time.Duration {
	return time.Duration((0.3 + 0.7*r.ExpFloat64()) * float64(mean))
}

// subject is what a conversation is about.
type subject struct {
	lang, topic, product, order, city, agent string
	at                                       time.Time
	said                                     map[string]bool
}

func (r *random) subject(lang string, at time.Time) subject {
	return subject{
		lang: lang, topic: pick(r, talks[lang].topics), product: pick(r, products[lang]), city: pick(r, cities[lang]), at: at,
		order: fmt.Sprintf("LS%s%06d", at.AddDate(0, 0, -r.IntN(20)).Format("20060102"), r.IntN(1_000_000)),
	}
}

// line picks something to say that was not said before: about the topic, or
// something that always fits. When little is left to say they come to speak
// of something else.
func (r *random) line(s *subject, mark string) string {
	for range 6 {
		lines := talks[s.lang].lines[s.topic+mark]
		if len(lines) == 0 || r.IntN(4) == 0 {
			lines = talks[s.lang].lines["any"+mark]
		}
		if line := pick(r, lines); s.new(line) {
			return r.expand(line, s)
		}
	}
	if mark == customer {
		s.topic = pick(r, talks[s.lang].topics)
		mark = opening
	}
	return r.expand(pick(r, talks[s.lang].lines[s.topic+mark]), s)
}

// new reports whether a line is said for the first time.
func (s *subject) new(line string) bool {
	if s.said == nil {
		s.said = map[string]bool{}
	}
	was := s.said[line]
	s.said[line] = true
	return !was
}

// set picks from the lines of a fixed moment, such as the farewell.
func (r *random) set(s *subject, moment, mark string) string {
	return r.expand(pick(r, talks[s.lang].lines[moment+mark]), s)
}

// expand puts names and numbers in their places.
func (r *random) expand(line string, s *subject) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(line, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		b.WriteString(r.fact(name, s))
		line = after
	}
}

func (r *random) fact(name string, s *subject) string {
	switch name {
	case "p":
		return s.product
	case "o":
		return s.order
	case "c":
		return s.city
	case "a":
		return s.agent
	case "m":
		return fmt.Sprintf("%d.%d0", 100+r.IntN(4900), r.IntN(10))
	case "d":
		day := s.at.AddDate(0, 0, r.IntN(7)-2)
		if s.lang == "zh" {
			return day.Format("1月2日")
		}
		return day.Format("2 January")
	}
	return fmt.Sprint(1 + r.IntN(40))
}
