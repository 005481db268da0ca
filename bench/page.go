package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"parlor/bench/measure"
	"parlor/bench/team"
	"parlor/db"
	"parlor/domain"
	"parlor/views/chat"
	"parlor/views/layout"
	"parlor/views/ui"
)

const (
	openConversations = 50
	threadMessages    = 100
	threadShown       = 50 // lines that the page begins with
	pageRounds        = 600
	busy              = domain.ConversationID(1) // the conversation with the long thread
)

// page measures the workspace against rendering its components alone.
func (b *bench) page() error {
	file, err := b.fresh()
	if err != nil {
		return err
	}
	served, err := b.served(file)
	if err != nil {
		return err
	}
	bare, size, err := rendered(file)
	if err != nil {
		return err
	}
	if math.Abs(float64(size-served.size)) > 0.02*float64(served.size) {
		return fmt.Errorf("the page has %d bytes and its components %d: they are not the same", served.size, size)
	}
	what := fmt.Sprintf("workspace page, %d open conversations, thread of %d", openConversations, threadMessages)
	ratio := bare.P50 / served.plain.P50
	b.absolute(what+", as a browser gets it, p95", atMost(5), " ms", served.zipped.P95, fmt.Sprintf("p50 %.2f ms, p95 %.2f ms", served.zipped.P50, served.zipped.P95))
	b.add(row{
		what: "speed of the same page, not compressed, against its components with nothing else", goal: atLeast(0.7).text(" ×"), ratio: ratio,
		measured: fmt.Sprintf("%.2f / %.2f ms (compressed %.2f ms)", served.plain.P50, bare.P50, served.zipped.P50), relative: true, met: ratio >= 0.7,
	})
	b.absolute("workspace page on a first visit with all its files, gzipped", atMost(90), " kB", served.weight/kilobyte, fmt.Sprintf("%.1f kB", served.weight/kilobyte))
	return nil
}

// pageTimes are how a page comes over HTTP.
type pageTimes struct {
	plain, zipped measure.Times
	size          int
	weight        float64
}

// served fills a file with conversations and asks for the page many times.
func (b *bench) served(file string) (p pageTimes, err error) {
	server, err := b.serve(file)
	if err != nil {
		return p, err
	}
	defer server.stop()
	t, err := team.New(server.addr)
	if err != nil {
		return p, err
	}
	if err := converse(t); err != nil {
		return p, err
	}
	path := fmt.Sprintf("/desk/conversations/%d", busy)
	if p.plain, p.size, err = asked(server.addr, path, t.Admin.Cookie, "identity"); err != nil {
		return p, err
	}
	if p.zipped, _, err = asked(server.addr, path, t.Admin.Cookie, "gzip"); err != nil {
		return p, err
	}
	weight, err := weigh(server.addr, path, t.Admin.Cookie)
	p.weight = float64(weight)
	return p, err
}

// converse gives the administrator the open conversations, one of them long.
func converse(t *team.Team) error {
	if err := t.RaiseAdmin(); err != nil {
		return err
	}
	visitors, err := t.Visitors(openConversations)
	if err != nil {
		return err
	}
	for i := 1; i < threadMessages; i++ {
		body := "第 " + strconv.Itoa(i) + " 条：空气炸锅的订单 LS20261122001234 大概什么时候可以送到？thanks"
		if i%2 == 0 {
			err = t.Say(visitors[0], strconv.Itoa(i), body)
		} else {
			err = t.Reply(t.Admin, int64(busy), strconv.Itoa(i), body)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// asked times a page over one connection.
func asked(addr, path, cookie, encoding string) (measure.Times, int, error) {
	var took []int64
	size := 0
	for i := range pageRounds {
		began := time.Now()
		n, err := transfer(addr, path, cookie, encoding, io.Discard)
		if err != nil {
			return measure.Times{}, 0, err
		}
		if size = n; i >= pageRounds/10 { // the first ones warm up
			took = append(took, time.Since(began).Nanoseconds())
		}
	}
	return measure.Quantiles(took), size, nil
}

// rendered times the same components over the same data with nothing else.
func rendered(file string) (measure.Times, int, error) {
	d, err := db.Open(file, db.Options{})
	if err != nil {
		return measure.Times{}, 0, err
	}
	defer d.Close()
	desk, err := desk(d)
	if err != nil {
		return measure.Times{}, 0, err
	}
	var took []int64
	var page bytes.Buffer
	for i := range pageRounds {
		page.Reset()
		began := time.Now()
		ctx := ui.With(context.Background(), ui.Reader{Lang: ui.Languages[0], Zone: time.Local, Now: began})
		if err := chat.Screen(desk).Render(ctx, &page); err != nil {
			return measure.Times{}, 0, err
		}
		if i >= pageRounds/10 {
			took = append(took, time.Since(began).Nanoseconds())
		}
	}
	return measure.Quantiles(took), page.Len(), nil
}

// desk is what the workspace's handler would give to its view.
func desk(d *db.DB) (chat.Desk, error) {
	dir := d.Directory()
	self := dir.AgentList()[0]
	by, _ := dir.Actor(self.ID)
	names := func(id domain.AgentID) string { return dir.Agents[id].Name }
	in, err := d.Inbox(by, time.Now().Add(-24*time.Hour))
	if err != nil {
		return chat.Desk{}, err
	}
	c, err := d.Conversation(by, busy)
	if err != nil {
		return chat.Desk{}, err
	}
	thread, err := d.Thread(by, busy, 0, threadShown)
	if err != nil {
		return chat.Desk{}, err
	}
	visit, err := d.VisitOf(c)
	if err != nil {
		return chat.Desk{}, err
	}
	return chat.Desk{
		Page: layout.Page{Title: c.CustomerCode, Team: dir.Team, Agent: self, Actor: by, Here: "chats", Unread: in.Unread, View: "thread"},
		Inbox: chat.Inbox{
			Inbox: in, Agent: self, Load: domain.Load{Open: len(in.Open), Maximum: self.Maximum}, Tab: "own", HasOthers: true, CanQueue: true,
			Current: busy, Names: names,
		},
		Open: &chat.Open{
			Conversation: c, Page: thread, Viewer: by, Names: names, Site: dir.Sites[c.Site], Visit: visit, Group: dir.Groups[c.Group].Name,
			Client: "ABCDEFGHIJKLMNOPQRSTUVWXYZ", Mode: "text",
		},
	}, nil
}
