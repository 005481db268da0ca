package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// given is what the flags of a command line make.
func given(t *testing.T, args ...string) (o options, err error) {
	t.Helper()
	f := flag.NewFlagSet("parlor", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	o.define(f)
	return o, errors.Join(fromEnvironment(f), f.Parse(args))
}

func TestFlagsWinOverTheEnvironment(t *testing.T) {
	t.Setenv("PARLOR_ADDR", "127.0.0.1:1")
	t.Setenv("PARLOR_BASE_URL", "https://chat.example.com")
	t.Setenv("PARLOR_VISITOR_RATE", "3")
	o, err := given(t, "--addr", "127.0.0.1:2")
	if err != nil || o.addr != "127.0.0.1:2" || o.baseURL != "https://chat.example.com" || o.visitorRate != 3 {
		t.Errorf("%+v, %v", o, err)
	}
	t.Setenv("PARLOR_VISITOR_RATE", "many")
	if _, err := given(t); err == nil || !strings.Contains(err.Error(), "PARLOR_VISITOR_RATE") {
		t.Errorf("a wrong value is answered with %v", err)
	}
}

func TestS07_TheBaseAddress(t *testing.T) {
	for _, c := range []struct{ addr, base, want string }{
		{"127.0.0.1:8080", "", "http://127.0.0.1:8080"}, {":8080", "", "http://127.0.0.1:8080"}, {"0.0.0.0:80", "", "http://127.0.0.1:80"}, {"[::]:80", "", "http://127.0.0.1:80"},
		{"[::1]:80", "", "http://[::1]:80"}, {"localhost:80", "", "http://localhost:80"}, {":8080", "https://chat.example.com", "https://chat.example.com"},
		{":8080", "ftp://chat.example.com", ""}, {":8080", "chat.example.com", ""}, {":8080", "https://", ""}, {":8080", "javascript:alert(1)", ""}, {":8080", "://", ""}, {":8080", "/chat", ""},
	} {
		config, err := options{addr: c.addr, baseURL: c.base}.config()
		if (err != nil) != (c.want == "") {
			t.Errorf("%q: %v", c.base, err)
			continue
		}
		if c.want != "" && (config.Base.String() != c.want || config.Secure() != strings.HasPrefix(c.want, "https")) {
			t.Errorf("%q at %s is %s", c.base, c.addr, config.Base)
		}
	}
}

func TestS57_TrustedProxies(t *testing.T) {
	for list, want := range map[string]string{
		"": "[]", "10.0.0.1": "[10.0.0.1/32]", " 10.0.0.0/8 , ::1,": "[10.0.0.0/8 ::1/128]", "10.0.0.1/33": "", "proxy.example": "", "10.0.0.0/8;::1": "", "*": "",
	} {
		config, err := options{addr: ":80", proxies: list, metricsFrom: list}.config()
		if (err != nil) != (want == "") || (err == nil && fmt.Sprint(config.Proxies) != want) {
			t.Errorf("%q: %v, %v", list, config.Proxies, err)
		}
	}
	if config, err := (options{addr: ":80"}).config(); err != nil || fmt.Sprint(config.MetricsFrom) != "[127.0.0.0/8 ::1/128]" {
		t.Errorf("metrics from %v, %v", config.MetricsFrom, err)
	}
}

func TestLoggingAndCommandsAreChecked(t *testing.T) {
	if err := (options{logLevel: "loud"}).logging(); err == nil {
		t.Error("a level that does not exist was taken")
	}
	for _, args := range [][]string{{"backup"}, {"backup", "a", "b"}, {"dance"}, {"check", "--db", "/no/such/file"}} {
		if err := run(args); err == nil {
			t.Errorf("%v succeeded", args)
		}
	}
}

// served runs the server and returns its address and how it ended.
func served(t *testing.T) (address string, ended <-chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	l.Close()
	o := options{addr: address, db: filepath.Join(t.TempDir(), "parlor.db")}
	done := make(chan error, 1)
	go func() { done <- serve(o) }()
	for range 100 {
		if r, err := http.Get("http://" + address + "/readyz"); err == nil {
			r.Body.Close()
			return address, done
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the server does not become ready")
	return "", nil
}

func TestS60_R09_SlowHeadersAreCutAndAStopIsQuick(t *testing.T) {
	address, ended := served(t)
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: %s\r\nX-Slow: ", address)
	begin := time.Now()
	if err := c.SetReadDeadline(begin.Add(15 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, bufio.NewReader(c)) // it ends when the server or our deadline ends it
	if took := time.Since(begin); took < 4*time.Second || took > 10*time.Second {
		t.Errorf("a request whose header does not end was cut after %s", took)
	}
	huge, err := http.NewRequest("GET", "http://"+address+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	huge.Header.Set("X-Huge", strings.Repeat("x", 64<<10))
	if r, err := http.DefaultClient.Do(huge); err != nil || r.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of 64 kB: %v, %v", r, err)
	}
	begin = time.Now()
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil || time.Since(begin) > 5*time.Second {
			t.Errorf("stopped after %s with %v", time.Since(begin), err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the server does not stop")
	}
}
