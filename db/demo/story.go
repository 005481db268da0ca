package demo

import (
	"time"

	"parlor/domain"
)

// story is one conversation as it will happen.
type story struct {
	subject
	*domain.Conversation
	by      agent
	visitor *visitor // set when it begins
	steps   []step
	told    int // steps that have happened
}

type act int

const (
	says act = iota
	notes
	waits
	gets // is assigned
	ends
)

// step is one thing that happens in a story.
type step struct {
	*story
	at   time.Time
	act  act
	by   domain.ActorKind
	body string // of an end, its reason
}

func (st *story) add(after time.Duration, a act, by domain.ActorKind, body string) {
	st.steps = append(st.steps, step{st, st.last().Add(after), a, by, body})
}

func (st *story) first() time.Time { return st.steps[0].at }
func (st *story) last() time.Time  { return st.steps[len(st.steps)-1].at }

// move shifts the whole story in time.
func (st *story) move(d time.Duration) {
	for i := range st.steps {
		st.steps[i].at = st.steps[i].at.Add(d)
	}
}

// messages is how many rows of messages the story makes.
func (st *story) messages() (n int) {
	for _, s := range st.steps {
		if s.act == says || s.act == notes {
			n++
		}
	}
	return n
}

const (
	patience = 45 * time.Second // between a customer's messages
	reaction = 35 * time.Second // of an agent
	inQueue  = 2 * time.Minute
	thinking = time.Minute // before closing
	silence  = 30 * time.Minute
)

// opened is a story as far as its first message.
func (s *shop) opened(at time.Time) *story {
	r := s.random
	lang, site := s.audience()
	st := &story{subject: r.subject(lang, at), Conversation: &domain.Conversation{Site: site.ID, Group: site.Group, State: domain.Queued}}
	st.by = pick(r, s.team.agents[site.Group])
	st.agent = st.by.name
	st.steps = []step{{st, at, says, domain.ByVisitor, r.set(&st.subject, st.topic, opening)}}
	return st
}

// audience chooses a language and the site on which it is met.
func (s *shop) audience() (lang string, site domain.Site) {
	switch n := s.random.IntN(100); {
	case n < 65:
		return "zh", s.team.sites[s.random.IntN(2)]
	case n < 90:
		return "en", s.team.sites[2]
	}
	return "mixed", pick(s.random, s.team.sites)
}

// whole is a finished conversation of at most n messages.
func (s *shop) whole(at time.Time, n int) *story {
	r, st := s.random, s.opened(at)
	switch chance := r.IntN(100); {
	case chance < 4:
		s.giveUp(st, n-1)
		return st
	case chance < 18:
		st.add(0, waits, domain.BySystem, "")
		st.add(r.about(inQueue), gets, domain.ByAgent, "")
	default:
		st.add(0, gets, domain.BySystem, "")
	}
	turn := domain.ByAgent
	for left := n - 1; left > 0; left-- {
		st.say(r, turn, left == n-1, left)
		if r.IntN(3) > 0 {
			turn = other(turn)
		}
	}
	s.conclude(st)
	return st
}

// giveUp is a customer who leaves before anyone answers.
func (s *shop) giveUp(st *story, most int) {
	st.add(0, waits, domain.BySystem, "")
	for range min(most, s.random.IntN(3)) {
		st.add(s.random.about(inQueue), says, domain.ByVisitor, s.random.line(&st.subject, customer))
	}
	st.add(s.random.about(inQueue), ends, domain.ByVisitor, string(domain.EndedByVisitor))
}

// running is a conversation that is still going on, or still waiting.
func (s *shop) running(waiting bool) *story {
	r, st := s.random, s.opened(s.now)
	if waiting {
		st.add(0, waits, domain.BySystem, "")
	} else {
		st.add(0, gets, domain.BySystem, "")
		turn, n := domain.ByAgent, 2+r.IntN(10)
		for i := range n {
			st.say(r, turn, i == 0, n) // the talk has no end yet
			if r.IntN(3) > 0 {
				turn = other(turn)
			}
		}
	}
	st.move(s.now.Sub(st.last()) - 20*time.Second - r.about(time.Minute))
	return st
}

func other(k domain.ActorKind) domain.ActorKind {
	if k == domain.ByAgent {
		return domain.ByVisitor
	}
	return domain.ByAgent
}

// say adds a message by whose turn it is, with left messages to come.
func (st *story) say(r *random, turn domain.ActorKind, first bool, left int) {
	switch {
	case first:
		st.add(r.about(reaction), says, domain.ByAgent, r.set(&st.subject, "greeting", answer))
	case left == 2:
		st.add(r.about(patience), says, domain.ByVisitor, r.set(&st.subject, "thanks", customer))
	case left == 1:
		st.add(r.about(reaction), says, domain.ByAgent, r.set(&st.subject, "farewell", answer))
	case turn == domain.ByVisitor:
		st.add(r.about(patience), says, turn, r.line(&st.subject, customer))
	case r.IntN(50) == 0:
		st.add(r.about(reaction), notes, turn, r.set(&st.subject, "note", answer))
	default:
		st.add(r.about(reaction), says, turn, r.line(&st.subject, answer))
	}
}

func (s *shop) conclude(st *story) {
	switch n := s.random.IntN(100); {
	case n < 60:
		st.add(s.random.about(thinking), ends, domain.ByAgent, string(domain.EndedByAgent))
	case n < 75:
		st.add(s.random.about(thinking), ends, domain.ByVisitor, string(domain.EndedByVisitor))
	default:
		st.add(silence, ends, domain.BySystem, string(domain.EndedBySilence))
	}
}
