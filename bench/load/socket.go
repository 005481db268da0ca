package main

import (
	"bytes"
	"fmt"
	"net/netip"
	"syscall"
	"time"
	"unsafe"
)

func dial(addr string) (int, error) {
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return 0, err
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		return 0, err
	}
	if err := syscall.Connect(fd, &syscall.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}); err != nil {
		return 0, fmt.Errorf("connect to %s: %w", addr, err)
	}
	return fd, syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
}

// open dials and asks for a stream, and returns once its head has come.
func open(addr, path, headers string) (int, error) {
	fd, err := dial(addr)
	if err != nil {
		return 0, err
	}
	q := "GET " + path + " HTTP/1.1\r\nHost: " + addr + "\r\nAccept: text/event-stream\r\n" + headers + "\r\n"
	if _, err := syscall.Write(fd, []byte(q)); err != nil {
		return 0, err
	}
	var head []byte
	b := make([]byte, 4096)
	for !bytes.Contains(head, []byte("\r\n\r\n")) {
		n, err := syscall.Read(fd, b)
		if err != nil || n == 0 {
			return 0, fmt.Errorf("%s: closed before its head: %v", path, err)
		}
		head = append(head, b[:n]...)
	}
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 200")) {
		return 0, fmt.Errorf("%s: %.200s", path, head)
	}
	return fd, nil
}

// poller waits for sockets.
type poller struct {
	fd     int
	events [1024]syscall.EpollEvent
}

func newPoller() (*poller, error) {
	fd, err := syscall.EpollCreate1(0)
	return &poller{fd: fd}, err
}

func (p *poller) add(fd int) error {
	return syscall.EpollCtl(p.fd, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)})
}

const epollPwait2 = 441 // takes nanoseconds where epoll_wait takes milliseconds

// wait returns the readable sockets, at the latest after d.
func (p *poller) wait(d time.Duration) ([]syscall.EpollEvent, error) {
	ts := syscall.NsecToTimespec(max(0, int64(d)))
	n, _, e := syscall.Syscall6(epollPwait2, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)), uintptr(unsafe.Pointer(&ts)), 0, 0)
	if e != 0 && e != syscall.EINTR {
		return nil, e
	}
	if e == syscall.EINTR {
		n = 0
	}
	return p.events[:n], nil
}
