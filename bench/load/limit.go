package main

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// text is a message as customers write it.
const text = "您好，请问我的订单什么时候发货？ order 202611221234 thanks"

// limit is the limit program.
type limit struct{ addr string }

func (t limit) connect(l *loop, n int) error {
	for i := range n {
		stream, err := open(t.addr, "/sse?c="+strconv.Itoa(i+1), "")
		if err != nil {
			return err
		}
		post, err := dial(t.addr)
		if err != nil {
			return err
		}
		if err := l.add(&conversation{post: post, sse: stream}); err != nil {
			return err
		}
	}
	return nil
}

func (t limit) request(b []byte, c *conversation, t0 int64) []byte {
	b = append(b, "POST /send?c="...)
	b = strconv.AppendInt(b, int64(c.number), 10)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, t.addr...)
	b = append(b, "\r\nContent-Type: text/plain\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len("t0=")+digits+1+len(text)), 10)
	b = append(b, "\r\n\r\nt0="...)
	b = strconv.AppendInt(b, t0, 10)
	b = append(b, ' ')
	return append(b, text...)
}

func (t limit) sample() (s sample, err error) {
	body, err := get("http://" + t.addr + "/stats")
	if err == nil {
		_, err = fmt.Sscan(body, &s.cpu, &s.resident, &s.commits)
	}
	return s, err
}

func get(url string) (string, error) {
	c := http.Client{Timeout: 10 * time.Second}
	r, err := c.Get(url)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return string(b), err
}
