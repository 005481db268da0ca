// Command limit is the least work that still takes a message from a POST over
// a durable commit to one reader's event stream with this stack: net/http,
// go-sqlite3, WAL, group commit. It has no sessions, rules, templates or
// search index. Its numbers are what the product's are divided by.
//
//	POST /send?c=N  a message for conversation N, answered 204 after the commit
//	GET  /sse?c=N   the stream of conversation N's one reader
//	GET  /stats     "cpu_seconds resident_bytes commits"
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

const messageMost = 8 << 10

var answers = sync.Pool{New: func() any { return make(chan int64, 1) }}

// server ties the routes to the writer and the streams.
type server struct {
	writer *writer
	hub    *hub
}

func (s *server) send(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, messageMost))
	conversation := number(r)
	if err != nil || conversation == 0 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	done := answers.Get().(chan int64)
	s.writer.jobs <- job{conversation, string(body), done}
	<-done
	answers.Put(done)
	w.WriteHeader(http.StatusNoContent)
}

func (s *server) stream(w http.ResponseWriter, r *http.Request) {
	frames, leave := s.hub.join(number(r))
	defer leave()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	control := http.NewResponseController(w)
	w.WriteHeader(http.StatusOK)
	err := control.Flush()
	for err == nil {
		select {
		case <-r.Context().Done():
			return
		case frame := <-frames:
			if _, err = w.Write(frame); err == nil {
				err = control.Flush()
			}
		}
	}
}

func (s *server) stats(w http.ResponseWriter, _ *http.Request) {
	var u syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	fmt.Fprintf(w, "%.6f %d %d", float64(u.Utime.Nano()+u.Stime.Nano())/1e9, resident(), s.writer.commits.Load())
}

func resident() int {
	b, err := os.ReadFile("/proc/self/statm")
	must(err)
	pages, err := strconv.Atoi(strings.Fields(string(b))[1])
	must(err)
	return pages * os.Getpagesize()
}

func number(r *http.Request) int64 {
	n, _ := strconv.ParseInt(r.URL.Query().Get("c"), 10, 64)
	return n
}

func main() {
	addr := flag.String("addr", "127.0.0.1:18600", "loopback address")
	path := flag.String("db", "limit.db", "database file")
	flag.Parse()
	h := &hub{}
	s := &server{writer: newWriter(*path, h.publish), hub: h}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /send", s.send)
	mux.HandleFunc("GET /sse", s.stream)
	mux.HandleFunc("GET /stats", s.stats)
	must(http.ListenAndServe(*addr, mux))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
