package e2e

import (
	"bytes"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// server is the program running on a file of its own.
type server struct {
	t    *testing.T
	addr string // where it listens
	base string // where browsers find it
	file string
	args []string
	cmd  *exec.Cmd
	gone chan error
	log  journal
	key  string // of the first site
}

// start runs the program on an empty file and a free port.
func start(t *testing.T, args ...string) *server {
	t.Helper()
	s := &server{t: t, addr: freePort(t), file: filepath.Join(t.TempDir(), "parlor.db"), args: args}
	s.base = "http://" + s.addr
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("what the server wrote:\n%s", s.log.String())
		}
	})
	s.run()
	return s
}

// run starts the program, again on the same file and port, and waits until it answers.
func (s *server) run() {
	s.t.Helper()
	s.cmd = exec.Command(binary, append([]string{"serve", "--addr", s.addr, "--db", s.file}, s.args...)...)
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	gone, cmd := make(chan error, 1), s.cmd
	go func() { gone <- cmd.Wait() }()
	s.gone = gone
	eventually(s.t, "the server is ready", func() bool {
		r, err := http.Get("http://" + s.addr + "/readyz")
		if err != nil {
			return false
		}
		defer r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
}

// kill ends the program as a power cut would.
func (s *server) kill() {
	if s.cmd == nil {
		return
	}
	select {
	case err := <-s.gone:
		s.t.Errorf("the server ended by itself: %v", err)
	default:
		if err := s.cmd.Process.Kill(); err != nil {
			s.t.Error(err)
		}
		<-s.gone
	}
	s.cmd = nil
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// journal collects what a process writes.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

// patience is how long anything may take that should be there at once.
const patience = 15 * time.Second

// eventually waits for something that happens beside the test.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}
