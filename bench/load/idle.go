package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"
)

// wait opens a stream for each line of a file, a visitor's token and the
// event to go on from, says so, and holds them until its input ends.
func wait(addr, key, list string) error {
	f, err := os.Open(list)
	if err != nil {
		return err
	}
	defer f.Close()
	poll, err := newPoller()
	if err != nil {
		return err
	}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		token, event, _ := strings.Cut(lines.Text(), " ")
		fd, err := open(addr, "/chat/"+key+"/live?after="+event, "X-Parlor-Visitor: "+token+"\r\n")
		if err != nil {
			return err
		}
		if err := poll.add(fd); err != nil {
			return err
		}
	}
	fmt.Println("open")
	over := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // however it ends
		close(over)
	}()
	return discard(poll, over)
}

func discard(poll *poller, over <-chan struct{}) error {
	buf := make([]byte, 64<<10)
	for {
		select {
		case <-over:
			return nil
		default:
		}
		ready, err := poll.wait(50 * time.Millisecond)
		if err != nil {
			return err
		}
		for _, e := range ready {
			if n, err := syscall.Read(int(e.Fd), buf); err != nil || n <= 0 {
				return fmt.Errorf("a stream was closed: %v", err)
			}
		}
	}
}
