package faults

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// server is the program serving one file.
type server struct {
	t    *testing.T
	addr string
	file string
	cmd  *exec.Cmd
	gone chan struct{} // closed when the process has ended
	log  journal
}

// newServer prepares a server on a free port without starting it.
func newServer(t *testing.T, file string) *server {
	t.Helper()
	s := &server{t: t, addr: freeAddress(t), file: file}
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("the server's log ends with:\n%s", s.log.tail())
		}
	})
	return s
}

// freeAddress is one that stays free while a server is down: below the ports
// that the many connections of these tests are given.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		addr := fmt.Sprint("127.0.0.1:", 15_000+rand.IntN(15_000))
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			return addr
		}
	}
	t.Fatal("no free port")
	return ""
}

// launch starts the program, under another one when wrapper names it.
func (s *server) launch(wrapper ...string) {
	s.t.Helper()
	args := append(wrapper, parlor, "serve", "--addr", s.addr, "--db", s.file, "--visitor-rate", "0")
	s.cmd, s.gone = exec.Command(args[0], args[1:]...), make(chan struct{})
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	s.cmd.WaitDelay = 10 * time.Second // a tracer holds the pipe until it has written everything
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		_ = s.cmd.Wait() // how it ended is read from its state
		close(s.gone)
	}()
}

// start launches the program, waits until it is ready and returns how long that took.
func (s *server) start(wrapper ...string) time.Duration {
	s.t.Helper()
	begun := time.Now()
	s.launch(wrapper...)
	if !s.becomesReady() {
		s.t.Fatal("the server did not become ready")
	}
	return time.Since(begun)
}

// becomesReady waits until the server is ready; false when it ended before.
func (s *server) becomesReady() bool {
	s.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if s.readiness() == http.StatusOK {
			return true
		}
		select {
		case <-s.gone:
			return false
		default:
		}
	}
	s.t.Fatal("the server neither became ready nor ended within 20 s")
	return false
}

// readiness is the status of /readyz over a connection of its own; 0 for none.
func (s *server) readiness() int {
	r, err := alone.Get("http://" + s.addr + "/readyz")
	if err != nil {
		return 0
	}
	r.Body.Close()
	return r.StatusCode
}

// alone is a client that leaves no connection behind.
var alone = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

func (s *server) signal(sig syscall.Signal) {
	if s.cmd != nil {
		_ = s.cmd.Process.Signal(sig) // it may have ended by itself
	}
}

// kill ends the program at whatever it is doing.
func (s *server) kill() {
	if s.cmd == nil {
		return
	}
	s.signal(syscall.SIGKILL)
	<-s.gone
}

// stop asks the program to end and waits until it has.
func (s *server) stop() {
	s.t.Helper()
	s.signal(syscall.SIGTERM)
	s.ends()
}

// ends waits until the program has ended as it should.
func (s *server) ends() {
	s.t.Helper()
	select {
	case <-s.gone:
	case <-time.After(20 * time.Second):
		s.t.Fatal("still running after 20 s")
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		s.t.Errorf("ended with %d", code)
	}
}

// metric reads one value of /metrics.
func (s *server) metric(name string) float64 {
	s.t.Helper()
	r, err := alone.Get("http://" + s.addr + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				s.t.Fatal(err)
			}
			return n
		}
	}
	s.t.Fatalf("/metrics has no %s", name)
	return 0
}

// descriptors counts the program's open files and connections.
func (s *server) descriptors() int {
	s.t.Helper()
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	return len(open)
}

// sound fails the test unless parlor check finds nothing wrong with a file.
func sound(t *testing.T, file string) {
	t.Helper()
	if out, err := exec.Command(parlor, "check", "--db", file).CombinedOutput(); err != nil {
		t.Errorf("parlor check %s: %v\n%s", filepath.Base(file), err, out)
	}
}

// journal keeps what a process writes.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(b)
}

func (j *journal) tail() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	text := j.buf.String()
	return text[max(0, len(text)-4000):]
}

// eventually waits for something that happens beside the test.
func eventually(t *testing.T, within time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(within); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", within, what)
		}
	}
}
