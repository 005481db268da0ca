// Command parlor is a customer-service desk in one program and one file.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"
	_ "time/tzdata" // agents and visitors live in zones the machine may not know

	"parlor/channels/email"
	"parlor/db"
	"parlor/handlers"
	"parlor/handlers/live"
	"parlor/handlers/web"
)

// version is set by the build.
var version = "dev"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "parlor:", err)
		os.Exit(1)
	}
}

// gcPercent trades memory, of which a desk uses little, for processor time on
// the path of every message.
const gcPercent = 200

// serve opens the file, answers requests until told to stop, and drains.
func serve(o options) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	debug.SetGCPercent(gcPercent)
	config, err := o.config()
	if err != nil {
		return err
	}
	hub := live.New()
	store, err := db.Open(o.db, db.Options{Publish: hub.Publish})
	if err != nil {
		return err
	}
	hub.Use(store)
	ops := handlers.NewOperations(version)
	app := web.New(store, config)
	server := &http.Server{
		Handler:           handlers.New(app, hub, ops),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second, // streams set a deadline of their own for each write
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return errors.Join(err, store.Close())
	}
	stopLoops := loops(o, store, hub)
	fmt.Printf("Parlor is at %s\n", config.Base)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case <-ctx.Done():
	case err = <-failed:
	case err = <-store.Failed():
		return fmt.Errorf("the disk can no longer be trusted; stopping: %w", err)
	}
	stop()
	return errors.Join(err, drain(server, hub, store, ops, stopLoops))
}

// loops start what runs beside the requests and returns what ends it.
func loops(o options, store *db.DB, hub *live.Hub) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() { hub.Run(ctx) })
	all.Go(func() { store.RunIndex(ctx) })
	all.Go(func() { store.RunDue(ctx) })
	if o.smtp != "" {
		send := email.Sender(o.smtp, o.mailFrom)
		all.Go(func() {
			store.RunOutbox(ctx, func(ctx context.Context, d db.Delivery) error {
				return send(ctx, email.Message{ID: d.ID, To: d.Mail.To, Subject: d.Mail.Subject, Text: d.Mail.Text})
			})
		})
	}
	all.Go(func() { sweep(ctx, store) })
	return func() {
		cancel()
		all.Wait()
	}
}

// sweep removes expired sessions now and then.
func sweep(ctx context.Context, store *db.DB) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := store.SweepSessions(); err != nil {
				slog.Error("sessions not swept", "err", err)
			}
		}
	}
}

// noticeFor is how long a proxy may see that readiness is off before nobody answers.
const noticeFor = 300 * time.Millisecond

// stopWithin bounds how long a stop takes.
const stopWithin = 9 * time.Second

// drain stops taking work, lets requests finish, tells streams to come back
// at moments of their own, and closes the file last.
func drain(server *http.Server, hub *live.Hub, store *db.DB, ops *handlers.Operations, stopLoops func()) error {
	ops.Stop()
	time.Sleep(noticeFor)
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	server.RegisterOnShutdown(hub.Close)
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	stopLoops()
	return errors.Join(err, store.Close())
}
