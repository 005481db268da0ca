package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"parlor/bench/measure"
)

// build makes the programs the way they are released.
func (b *bench) build() error {
	for name, from := range map[string]string{"parlor": ".", "limit": "./bench/limit", "load": "./bench/load"} {
		c := exec.Command("go", "build", "-tags", "sqlite_fts5", "-trimpath", "-ldflags", "-s -w", "-o", b.path(name), from)
		c.Stderr = os.Stderr
		if err := c.Run(); err != nil {
			return fmt.Errorf("build %s: %w", name, err)
		}
	}
	return nil
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// fresh is the name of a database file that does not exist yet.
func (b *bench) fresh() (string, error) {
	dir, err := os.MkdirTemp(b.dir, "file-")
	return filepath.Join(dir, "bench.db"), err
}

// server is a program that answers.
type server struct {
	addr  string
	cmd   *exec.Cmd
	began time.Time
	ready time.Duration // from its start to its first good answer
}

// serve starts parlor on a file.
func (b *bench) serve(file string) (*server, error) {
	return b.launch("parlor", "/readyz", func(addr string) []string {
		return []string{"serve", "--addr", addr, "--db", file, "--visitor-rate", "0"}
	})
}

// launchLimit starts the limit program on a file.
func (b *bench) launchLimit(file string) (*server, error) {
	return b.launch("limit", "/stats", func(addr string) []string { return []string{"-addr", addr, "-db", file} })
}

const readyWithin = time.Minute

func (b *bench) launch(name, asks string, args func(addr string) []string) (*server, error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{addr: free.Addr().String()}
	if err := free.Close(); err != nil {
		return nil, err
	}
	s.cmd = exec.Command(b.path(name), args(s.addr)...)
	s.cmd.Stderr = os.Stderr
	s.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + b.dir} // no setting of whoever runs this
	s.began = time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for time.Since(s.began) < readyWithin {
		if answers(s.addr, asks) {
			s.ready = time.Since(s.began)
			return s, nil
		}
		time.Sleep(time.Millisecond)
	}
	s.stop()
	return nil, fmt.Errorf("%s did not answer within %s", name, readyWithin)
}

func answers(addr, path string) bool {
	r, err := http.Get("http://" + addr + path)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, r.Body)
	return err == nil && r.Body.Close() == nil && r.StatusCode == http.StatusOK
}

const stopWithin = 15 * time.Second

// stop ends the server, by force when it takes too long.
func (s *server) stop() {
	http.DefaultClient.CloseIdleConnections()
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may be gone already
	force := time.AfterFunc(stopWithin, func() { _ = s.cmd.Process.Kill() })
	defer force.Stop()
	_ = s.cmd.Wait() // a server ended by a signal fails by definition
}

// metrics reads parlor's own numbers.
func (s *server) metrics() (map[string]float64, error) {
	r, err := http.Get("http://" + s.addr + "/metrics")
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	page, err := io.ReadAll(r.Body)
	return measure.Metrics(string(page)), err
}

// load runs the load generator for a bounded time and returns what it prints.
func (b *bench) load(within time.Duration, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	c := exec.CommandContext(ctx, b.path("load"), args...)
	c.Stderr = os.Stderr
	return c.Output()
}
