// Command load drives the limit program or the product with many
// conversations over raw keep-alive sockets from one epoll thread, so that
// the generator takes as little of the machine as it can. Each conversation
// has two sockets: one posts, one reads the visitor's own stream. A message
// is done when its POST was answered and its event arrived.
//
//	-rate 0  closed loop: a conversation sends again at once
//	-rate R  open loop: R messages a second over all conversations at random
//	         moments; a message's time starts when it was due, so that
//	         queueing counts
//
// It prints one line of JSON.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"

	"parlor/bench/measure"
)

// target is a program that takes messages.
type target interface {
	connect(l *loop, n int) error
	request(b []byte, c *conversation, t0 int64) []byte
	sample() (sample, error)
}

// sample is what a server says of itself at one moment.
type sample struct {
	at       time.Time
	cpu      float64 // seconds
	commits  int64
	resident int64
	done     int64 // messages finished so far
	lines    int64 // lines that reached agents so far
}

func main() {
	name := flag.String("target", "limit", "what is driven: limit or parlor, the latter on a fresh file")
	addr := flag.String("addr", "127.0.0.1:18600", "its loopback address")
	n := flag.Int("n", 100, "conversations")
	rate := flag.Float64("rate", 0, "messages a second over all; 0 for a closed loop")
	warm := flag.Duration("w", 2*time.Second, "time before measuring")
	dur := flag.Duration("d", 5*time.Second, "measured time")
	most := flag.Int64("most", 2_000_000, "stop after this many messages")
	agents := flag.Int("agents", 10, "parlor: agents signed in with an open stream")
	idle := flag.String("idle", "", "parlor: only open the streams listed in this file, until the input ends")
	key := flag.String("key", "", "parlor: the site's key, with -idle")
	flag.Parse()
	var err error
	if *idle != "" {
		err = wait(*addr, *key, *idle)
	} else {
		err = measured(choose(*name, *addr, *agents), *name, *n, *rate, *warm, *dur, *most)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func choose(name, addr string, agents int) target {
	if name == "parlor" {
		return &parlor{addr: addr, agents: agents}
	}
	return limit{addr: addr}
}

func measured(t target, name string, n int, rate float64, warm, dur time.Duration, most int64) error {
	runtime.LockOSThread()
	l, err := newLoop(t, rate)
	if err != nil {
		return err
	}
	if err := t.connect(l, n); err != nil {
		return err
	}
	from, to, err := l.run(warm, dur, most)
	if err != nil {
		return err
	}
	seconds, messages := to.at.Sub(from.at).Seconds(), to.done-from.done
	each := 1 / float64(max(1, messages))
	return json.NewEncoder(os.Stdout).Encode(measure.Load{
		Target: name, Conversations: n, Rate: rate, Seconds: seconds, Messages: messages,
		PerSecond: float64(messages) / seconds, PerCommit: float64(messages) / float64(max(1, to.commits-from.commits)),
		CPU: (to.cpu - from.cpu) * 1e6 * each, Ack: measure.Quantiles(l.acks), Deliver: measure.Quantiles(l.deliveries),
		AgentLines: float64(to.lines-from.lines) * each, AgentCuts: l.cuts, Resident: to.resident,
	})
}
