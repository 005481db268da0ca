// Package ui holds the smallest parts that every screen is made of: texts in
// the reader's language, times in the reader's zone, icons, avatars, fields.
package ui

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

//go:embed messages/*.json
var catalogues embed.FS

// Languages are the interface languages, the first being the fall-back.
var Languages = []string{"zh-CN", "en"}

// Texts are the catalogues by language.
var Texts = loadTexts()

func loadTexts() map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, lang := range Languages {
		b, err := catalogues.ReadFile("messages/" + lang + ".json")
		if err != nil {
			panic(err) // the files are compiled in
		}
		texts := map[string]string{}
		if err := json.Unmarshal(b, &texts); err != nil {
			panic(fmt.Errorf("messages/%s.json: %w", lang, err))
		}
		out[lang] = texts
	}
	return out
}

// Reader is who a page is made for.
type Reader struct {
	Lang string
	Zone *time.Location
	Now  time.Time
}

type readerKey struct{}

// With returns a context in which views speak to reader.
func With(ctx context.Context, r Reader) context.Context {
	if r.Zone == nil {
		r.Zone = time.UTC
	}
	return context.WithValue(ctx, readerKey{}, r)
}

// For returns whom the views of a context speak to.
func For(ctx context.Context) Reader {
	r, ok := ctx.Value(readerKey{}).(Reader)
	if !ok {
		return Reader{Lang: Languages[0], Zone: time.UTC}
	}
	return r
}

// Lang is the reader's language.
func Lang(ctx context.Context) string { return For(ctx).Lang }

// T is the text of key in the reader's language. Pairs of name and value
// replace {name} in it.
func T(ctx context.Context, key string, pairs ...any) string { return Text(Lang(ctx), key, pairs...) }

// Text is the text of key in a language; the key itself when there is none.
func Text(lang, key string, pairs ...any) string {
	text, ok := Texts[lang][key]
	if !ok {
		return key
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+pairs[i].(string)+"}", fmt.Sprint(pairs[i+1]))
	}
	return text
}

// N is the text of key for a count: key.one or key.other, with {n} replaced.
func N(ctx context.Context, key string, n int) string {
	form := ".other"
	if n == 1 {
		form = ".one"
	}
	return T(ctx, key+form, "n", n)
}

// Match picks an interface language from an Accept-Language header or a tag.
func Match(accept string) string {
	for _, part := range strings.Split(accept, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		switch base, _, _ := strings.Cut(strings.ToLower(tag), "-"); base {
		case "zh":
			return "zh-CN"
		case "en":
			return "en"
		}
	}
	return ""
}

// Clock is the time of day in the reader's zone.
func Clock(ctx context.Context, t time.Time) string { return t.In(For(ctx).Zone).Format("15:04") }

// ISO is a moment as machines read it.
func ISO(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// Millis is a moment in UTC milliseconds, for attributes that scripts read.
func Millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// Day names a calendar day relative to the reader's today.
func Day(ctx context.Context, t time.Time) string {
	r := For(ctx)
	day := t.In(r.Zone)
	date := T(ctx, "date.day", "month", T(ctx, "month."+strconv.Itoa(int(day.Month()))), "day", day.Day())
	weekday := T(ctx, "weekday."+strconv.Itoa(int(day.Weekday())))
	switch daysBetween(day, r.Now.In(r.Zone)) {
	case 0:
		return T(ctx, "date.today", "date", date, "weekday", weekday)
	case 1:
		return T(ctx, "date.yesterday", "date", date, "weekday", weekday)
	}
	if day.Year() != r.Now.In(r.Zone).Year() {
		return T(ctx, "date.full", "year", day.Year(), "date", date, "weekday", weekday)
	}
	return T(ctx, "date.other", "date", date, "weekday", weekday)
}

// DayKey identifies a calendar day in the reader's zone.
func DayKey(ctx context.Context, t time.Time) string { return t.In(For(ctx).Zone).Format("2006-01-02") }

// Short is a moment for a list: the time today, else the day.
func Short(ctx context.Context, t time.Time) string {
	r := For(ctx)
	day := t.In(r.Zone)
	switch daysBetween(day, r.Now.In(r.Zone)) {
	case 0:
		return Clock(ctx, t)
	case 1:
		return T(ctx, "date.yesterday.short")
	}
	return T(ctx, "date.day", "month", T(ctx, "month."+strconv.Itoa(int(day.Month()))), "day", day.Day())
}

func daysBetween(from, to time.Time) int {
	a := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC)
	b := time.Date(to.Year(), to.Month(), to.Day(), 0, 0, 0, 0, time.UTC)
	return int(b.Sub(a).Hours() / 24)
}

// Timer is a waiting time as mm:ss, or h:mm:ss from an hour on.
func Timer(d time.Duration) string {
	s := max(0, int(d.Seconds()))
	if s < 3600 {
		return fmt.Sprintf("%02d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// Since is how long ago t was for the reader.
func Since(ctx context.Context, t time.Time) time.Duration { return max(0, For(ctx).Now.Sub(t)) }
