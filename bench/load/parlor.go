package main

import (
	"fmt"
	"net/url"
	"strconv"

	"parlor/bench/measure"
	"parlor/bench/team"
)

// parlor is the product. Its file must be fresh.
type parlor struct {
	addr   string
	agents int
	head   string // of every POST up to the visitor's own headers
	path   string
}

var encoded = url.QueryEscape(text)

// connect signs agents and visitors up. The administrator is off duty, so
// that every conversation belongs to an agent who listens.
func (p *parlor) connect(l *loop, n int) error {
	t, err := team.New(p.addr)
	if err != nil {
		return err
	}
	if room := p.agents * team.MostOpen; n > room {
		return fmt.Errorf("%d agents have room for %d conversations, not %d", p.agents, room, n)
	}
	if _, _, err := t.Post(t.Admin.Cookie, "/desk/status", url.Values{"status": {"offline"}}); err != nil {
		return err
	}
	for i := range p.agents {
		if err := p.agent(l, t, i+1); err != nil {
			return err
		}
	}
	p.path = "/chat/" + t.Key
	p.head = "POST " + p.path + "/messages HTTP/1.1\r\nHost: " + p.addr + "\r\nAccept: application/json\r\n" +
		"Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	visitors, err := t.Visitors(n)
	if err != nil {
		return err
	}
	for _, v := range visitors {
		if err := p.visitor(l, v); err != nil {
			return err
		}
	}
	return nil
}

func (p *parlor) agent(l *loop, t *team.Team, number int) error {
	a, err := t.Agent(number)
	if err != nil {
		return err
	}
	return l.listen(&listener{open: func(after int64) (int, error) {
		return open(p.addr, fmt.Sprintf("/desk/live?after=%d", after), "Cookie: "+a.Cookie+"\r\n")
	}})
}

func (p *parlor) visitor(l *loop, v team.Visitor) error {
	headers := "X-Parlor-Visitor: " + v.Token + "\r\n"
	stream, err := open(p.addr, fmt.Sprintf("%s/live?after=%d", p.path, v.Event), headers)
	if err != nil {
		return err
	}
	post, err := open(p.addr, "/healthz", "") // a connection that never asks for anything is soon closed
	if err != nil {
		return err
	}
	return l.add(&conversation{post: post, sse: stream, headers: headers})
}

func (p *parlor) request(b []byte, c *conversation, t0 int64) []byte {
	const form, stamp, gap = "client_id=m", "&body=t0%3D", "+"
	b = append(b, p.head...)
	b = append(b, c.headers...)
	b = append(b, "Content-Length: "...)
	b = strconv.AppendInt(b, int64(len(form)+digits+len(stamp)+digits+len(gap)+len(encoded)), 10)
	b = append(b, "\r\n\r\n"...)
	b = append(b, form...)
	b = strconv.AppendInt(b, t0, 10)
	b = append(b, stamp...)
	b = strconv.AppendInt(b, t0, 10)
	b = append(b, gap...)
	return append(b, encoded...)
}

func (p *parlor) sample() (sample, error) {
	body, err := get("http://" + p.addr + "/metrics")
	if err != nil {
		return sample{}, err
	}
	m := measure.Metrics(body)
	return sample{
		cpu: m["process_cpu_seconds_total"], commits: int64(m["parlor_commits_total"]), resident: int64(m["process_resident_memory_bytes"]),
	}, nil
}
