package demo

import (
	"time"

	"parlor/domain"
)

func (b *bulk) visitor(id int64, site domain.SiteID, name, code string, token []byte, at time.Time) {
	b.add("customers", id, code, name, ms(at))
	b.add("visitors", id, token, int64(site), id, ms(at))
}

func (b *bulk) visit(id, visitor int64, v domain.Visit, at time.Time) {
	b.add("visits", id, visitor, v.Page, v.Title, v.Referrer, v.Language, v.UserAgent, v.IP, ms(at))
}

func (b *bulk) conversation(c *domain.Conversation) {
	var agent any
	if c.Agent != 0 {
		agent = int64(c.Agent)
	}
	b.add("conversations", int64(c.ID), int64(c.Site), int64(c.Visitor), int64(c.Customer), c.Visit, int64(c.Group), agent, string(c.State),
		ms(c.Started), ms(c.Assigned), ms(c.FirstReply), ms(c.EndedAt), string(c.EndReason), int64(c.LastID), ms(c.LastAt), string(c.LastBy),
		c.LastAuthor, c.Preview, ms(c.Waiting), c.Unread, c.UnreadOut, int64(c.ReadByAgent), int64(c.ReadByOther))
}

func (b *bulk) event(e domain.Event, data string) {
	b.add("events", int64(e.ID), ms(e.At), string(e.By), e.Actor, string(e.Kind), int64(e.Conversation), int64(e.Customer), data)
}

// message also goes into the search index, its text as the index wants it.
func (b *bulk) message(m domain.Message, spaced string) {
	b.add("messages", int64(m.ID), int64(m.Conversation), string(m.By), m.Author, string(m.Kind), m.ClientID, m.Body, ms(m.At))
	b.add("message_index", int64(m.ID), spaced)
	b.indexed = m.ID
}
