package demo

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"parlor/db"
	"parlor/domain"
)

// play lets everything happen that comes before a moment, in order.
func (s *shop) play(until time.Time) error {
	slices.SortStableFunc(s.ahead, func(a, b step) int { return a.at.Compare(b.at) })
	n := 0
	for ; n < len(s.ahead) && s.ahead[n].at.Before(until); n++ {
		if err := s.happen(s.ahead[n]); err != nil {
			return err
		}
	}
	s.ahead = append(s.ahead[:0], s.ahead[n:]...)
	return nil
}

// happen applies the rule behind a step and writes what it leaves behind.
func (s *shop) happen(st step) (err error) {
	at := st.at.Truncate(time.Millisecond)
	if st.ID == 0 {
		s.arrive(st.story, at)
	}
	by := st.actor()
	switch st.act {
	case says, notes:
		err = s.message(st, by, at)
	case waits:
		s.event(by, domain.WasQueued, st.story, at, domain.Data{})
	case gets:
		reason := domain.ByLoad
		if by.Kind == domain.ByAgent {
			reason = domain.ByHand
		}
		err = st.Assign(st.story.by.Agent, at)
		s.event(by, domain.WasAssigned, st.story, at, domain.Data{Agent: st.story.by.Agent, Reason: string(reason)})
	case ends:
		err = st.End(by, domain.EndReason(st.body), at)
		s.event(by, domain.WasEnded, st.story, at, domain.Data{Reason: st.body})
	}
	if st.told++; st.told == len(st.steps) {
		st.visitor.busy = false
		s.into.conversation(st.Conversation)
	}
	return err
}

func (st step) actor() domain.Actor {
	switch st.by {
	case domain.ByAgent:
		return st.story.by.Actor
	case domain.ByVisitor:
		return domain.Actor{Kind: domain.ByVisitor, Visitor: st.Visitor}
	}
	return domain.System
}

func (s *shop) message(st step, by domain.Actor, at time.Time) error {
	kind, event := domain.Text, domain.MessagePosted
	if st.act == notes {
		kind, event = domain.Note, domain.NotePosted
	}
	m, err := st.Post(by, domain.Draft{ClientID: s.random.clientID(), Kind: kind, Body: st.body}, at)
	if err != nil {
		return err
	}
	m.ID = s.event(by, event, st.story, at, domain.Data{})
	s.into.message(m, db.Spaced(m.Body))
	if kind == domain.Note {
		return nil
	}
	st.LastID = m.ID
	if by.Kind == domain.ByAgent {
		st.Read(by, m.ID)
		st.Read(domain.Actor{Kind: domain.ByVisitor, Visitor: st.Visitor}, m.ID)
	}
	return nil
}

// event records one and returns its id.
func (s *shop) event(by domain.Actor, kind domain.EventKind, st *story, at time.Time, d domain.Data) domain.EventID {
	s.next++
	data := ""
	if d.Reason != "" {
		b, _ := json.Marshal(d) // plain values cannot fail
		data = string(b)
	}
	s.into.event(domain.Event{ID: s.next, At: at, By: by.Kind, Actor: by.ID(), Kind: kind, Conversation: st.ID, Customer: st.Customer}, data)
	return s.next
}

// arrive begins a story: somebody new, or somebody back.
func (s *shop) arrive(st *story, at time.Time) {
	v := s.known(st.lang)
	if v == nil {
		v = &visitor{id: int64(len(s.visitors)) + 1, lang: st.lang}
		s.visitors = append(s.visitors, v)
		s.into.visitor(v.id, st.Site, s.random.name(st.lang), s.random.code(), s.random.token(), at)
	}
	v.busy = true
	s.conversations++
	st.visitor, st.ID, st.Visitor, st.Customer, st.Visit = v, s.conversations, domain.VisitorID(v.id), domain.CustomerID(v.id), int64(s.conversations)
	st.Started = at
	page := pick(s.random, pages)
	s.into.visit(st.Visit, v.id, domain.Visit{
		Page: "https://www.lanshe.example" + page.path, Title: page.title, Referrer: pick(s.random, referrers), Language: languages[st.lang],
		UserAgent: agents[st.lang], IP: "203.0.113." + strconv.Itoa(1+s.random.IntN(254)),
	}, at)
}

// known is somebody who has been there before, for two visits of five.
func (s *shop) known(lang string) *visitor {
	if len(s.visitors) == 0 || s.random.IntN(5) > 1 {
		return nil
	}
	for range 4 {
		if v := pick(s.random, s.visitors); !v.busy && v.lang == lang {
			return v
		}
	}
	return nil
}

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

func (r *random) code() string {
	b := make([]byte, 4)
	for i := range b {
		b[i] = base32[r.IntN(len(base32))]
	}
	return string(b)
}

func (r *random) clientID() string {
	return strconv.FormatUint(r.Uint64(), 36) + strconv.FormatUint(r.Uint64(), 36)
}

// token stands for the hash of a token that nobody holds.
func (r *random) token() []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}
