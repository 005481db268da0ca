// Command bench measures Parlor against its goals: the message path always in
// pairs with the limit program, then pages, streams, the widget and the start.
// It builds and writes everything in a temporary folder and uses loopback
// addresses alone.
//
//	go run -tags sqlite_fts5 ./bench            print the table
//	go run -tags sqlite_fts5 ./bench -write     also put it into BENCHMARKS.md
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

// bench is one run of everything.
type bench struct {
	dir           string
	pairs         int
	measured      time.Duration
	streams       int
	settle        time.Duration
	startMessages int
	synced        time.Duration // how long a small write takes to be on disk
	rows          []row
}

func main() {
	var b bench
	var only string
	var write bool
	flag.IntVar(&b.pairs, "pairs", 5, "pairs of limit and parlor runs of each load")
	flag.DurationVar(&b.measured, "d", 5*time.Second, "measured time of each run")
	flag.IntVar(&b.streams, "streams", 10_000, "idle visitor streams")
	flag.DurationVar(&b.settle, "settle", 25*time.Second, "rest before memory is read")
	flag.IntVar(&b.startMessages, "start-messages", 1_000_000, "messages in the file that the start is measured on")
	flag.StringVar(&only, "only", "messages,page,streams,widget,start", "parts to run")
	flag.StringVar(&b.dir, "dir", "", "folder for temporary files, on the disk to measure (default: the system's)")
	flag.BoolVar(&write, "write", false, "put the table into BENCHMARKS.md")
	flag.Parse()
	err := b.run(strings.Split(only, ","))
	table := b.table() // also of what came before a failure
	fmt.Print(table)
	if err == nil && write {
		err = record(table)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (b *bench) run(parts []string) (err error) {
	if b.dir, err = os.MkdirTemp(b.dir, "parlor-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if b.synced, err = syncTime(b.dir); err != nil {
		return err
	}
	if err := b.build(); err != nil {
		return err
	}
	known := map[string]func() error{
		"messages": b.messages, "page": b.page, "streams": b.idle, "widget": b.widget, "start": b.start,
	}
	for _, name := range parts {
		part, ok := known[name]
		if !ok {
			return fmt.Errorf("no part is called %q", name)
		}
		fmt.Fprintln(os.Stderr, "measuring", name)
		if err := part(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
