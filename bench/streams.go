package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"parlor/bench/team"
)

// newTeam serves a fresh file with a team in it.
func (b *bench) newTeam() (*server, *team.Team, error) {
	file, err := b.fresh()
	if err != nil {
		return nil, nil, err
	}
	server, err := b.serve(file)
	if err != nil {
		return nil, nil, err
	}
	t, err := team.New(server.addr)
	if err != nil {
		server.stop()
	}
	return server, t, err
}

// idle measures what silent visitor streams cost. The server starts anew once
// everyone has signed up, so that the memory of that is not counted.
func (b *bench) idle() error {
	file, err := b.fresh()
	if err != nil {
		return err
	}
	key, list, err := b.signUp(file)
	if err != nil {
		return err
	}
	server, err := b.serve(file)
	if err != nil {
		return err
	}
	defer server.stop()
	time.Sleep(2 * time.Second)
	base, err := server.metrics()
	if err != nil {
		return err
	}
	held, err := b.hold(server, key, list)
	if err != nil {
		return err
	}
	left, err := server.emptied(base["parlor_goroutines"])
	if err != nil {
		return err
	}
	each := (held["process_resident_memory_bytes"] - base["process_resident_memory_bytes"]) / float64(b.streams)
	b.absolute(fmt.Sprintf("%d idle visitor streams, memory of each", b.streams), atMost(40), " kB", each/kilobyte, fmt.Sprintf("%.1f kB", each/kilobyte))
	b.absolute("goroutines left after they have gone", atMost(0), "", left, fmt.Sprintf("%.0f", left))
	return nil
}

// signUp makes as many visitors as there will be streams and lists their tokens.
func (b *bench) signUp(file string) (key, list string, err error) {
	server, err := b.serve(file)
	if err != nil {
		return "", "", err
	}
	defer server.stop()
	t, err := team.New(server.addr)
	if err != nil {
		return "", "", err
	}
	visitors, err := t.Visitors(b.streams)
	if err != nil {
		return "", "", err
	}
	var lines strings.Builder
	for _, v := range visitors {
		fmt.Fprintln(&lines, v.Token, v.Event)
	}
	list = b.path("visitors")
	return t.Key, list, os.WriteFile(list, []byte(lines.String()), 0o600)
}

const openWithin = 3 * time.Minute

// hold keeps the streams open from a process of their own and returns what
// the server says meanwhile.
func (b *bench) hold(s *server, key, list string) (m map[string]float64, err error) {
	client := exec.Command(b.path("load"), "-target", "parlor", "-addr", s.addr, "-idle", list, "-key", key)
	client.Stderr = os.Stderr
	in, err := client.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := client.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := client.Start(); err != nil {
		return nil, err
	}
	force := time.AfterFunc(openWithin+b.settle, func() { _ = client.Process.Kill() })
	defer force.Stop()
	defer func() { err = errors.Join(err, in.Close(), client.Wait()) }()
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		return nil, fmt.Errorf("streams not open: %q %w", line, err)
	}
	time.Sleep(b.settle)
	if m, err = s.metrics(); err == nil && int(m["parlor_streams_visitors"]) != b.streams {
		err = fmt.Errorf("%.0f streams are open, not %d", m["parlor_streams_visitors"], b.streams)
	}
	return m, err
}

const goneWithin = 30 * time.Second

// emptied waits until no stream is left and returns how many goroutines are
// more than at first.
func (s *server) emptied(base float64) (float64, error) {
	var more float64
	for began := time.Now(); time.Since(began) < goneWithin; time.Sleep(time.Second) {
		m, err := s.metrics()
		if err != nil {
			return 0, err
		}
		if more = max(0, m["parlor_goroutines"]-base); m["parlor_streams_visitors"] == 0 && more == 0 {
			return 0, nil
		}
	}
	return more, nil
}
