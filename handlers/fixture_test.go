package handlers_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"parlor/db"
	"parlor/db/dbtest"
	"parlor/domain"
	"parlor/handlers"
	"parlor/handlers/live"
	"parlor/handlers/web"
)

const (
	adminEmail = "zhou@lanshe.example"
	password   = "correct horse battery"
)

// hashed is the hash of password: made once, because making one is slow on purpose.
var hashed = sync.OnceValues(func() (string, error) { return web.NewHasher().Hash(password) })

// desk is a served team with an administrator, a group and a site.
type desk struct {
	*dbtest.Team
	app   *web.App
	hub   *live.Hub
	ops   *handlers.Operations
	srv   *httptest.Server
	serve http.Handler
	stop  context.CancelFunc
}

// newDesk serves a fresh team. adjust may change what the operator decides.
func newDesk(t testing.TB, adjust ...func(*web.Config)) *desk {
	t.Helper()
	return newDeskAt(t, filepath.Join(t.TempDir(), "parlor.db"), adjust...).founded()
}

// newDeskAt serves the file at path, which may hold a team already.
func newDeskAt(t testing.TB, path string, adjust ...func(*web.Config)) *desk {
	t.Helper()
	return newDeskWithin(t, path, 0, adjust...)
}

// newDeskWithin serves with a limit on the time a request may take, 0 for none.
func newDeskWithin(t testing.TB, path string, limit time.Duration, adjust ...func(*web.Config)) *desk {
	t.Helper()
	d := &desk{hub: live.New(), ops: handlers.NewOperations("test")}
	d.Team = &dbtest.Team{T: t, Path: path, Clock: dbtest.NewClock()}
	d.Clock.Advance(time.Since(d.Clock.Now())) // sessions also know the real time
	var err error
	if d.DB, err = db.Open(path, db.Options{Clock: d.Clock.Now, Publish: d.hub.Publish}); err != nil {
		t.Fatal(err)
	}
	d.hub.Use(d.DB)
	d.srv = httptest.NewUnstartedServer(nil)
	config := web.Config{Base: &url.URL{Scheme: "http", Host: d.srv.Listener.Addr().String()}, MetricsFrom: handlers.MetricsFromLoopback}
	for _, f := range adjust {
		f(&config)
	}
	d.app = web.New(d.DB, config)
	d.serve = handlers.New(d.app, d.hub, d.ops)
	d.srv.Config = &http.Server{Handler: d.serve, MaxHeaderBytes: 32 << 10, ReadTimeout: limit, WriteTimeout: limit, ConnContext: smallBuffers}
	d.srv.Start()
	var ctx context.Context
	ctx, d.stop = context.WithCancel(context.Background())
	go d.hub.Run(ctx)
	t.Cleanup(d.close)
	return d
}

// smallBuffers keeps the kernel from hiding a reader that has stopped reading.
func smallBuffers(ctx context.Context, c net.Conn) context.Context {
	_ = c.(*net.TCPConn).SetWriteBuffer(16 << 10) // only makes the tests faster
	return ctx
}

// close stops everything; a second call does nothing.
func (d *desk) close() {
	if d.stop == nil {
		return
	}
	d.hub.Close()
	d.srv.CloseClientConnections()
	d.srv.Close()
	d.stop()
	d.stop = nil
	if err := d.DB.Close(); err != nil {
		d.T.Error(err)
	}
}

// founded makes the team of an empty file.
func (d *desk) founded() *desk {
	d.T.Helper()
	hash, err := hashed()
	if err != nil {
		d.T.Fatal(err)
	}
	d.Admin, err = d.SetUp(db.Founding{
		Team: "Lanshe", Name: "Zhou Yian", Email: adminEmail, Hash: hash, Group: "Service",
		Site: domain.Site{Key: "SITEKEY", Name: "Shop", Brand: "cobalt", Side: "right", Silence: 30},
	})
	if err != nil {
		d.T.Fatal(err)
	}
	d.Site, _ = d.Directory().Site("SITEKEY")
	d.Group = d.Site.Group
	return d
}

// hire adds an agent who can sign in with the password.
func (d *desk) hire(name, role string, scope domain.Scope, groups ...domain.GroupID) domain.AgentID {
	d.T.Helper()
	hash, err := hashed()
	if err != nil {
		d.T.Fatal(err)
	}
	return d.hireWith(hash, name, role, scope, groups...)
}

// hireWith adds an agent whose password has a given hash.
func (d *desk) hireWith(hash, name, role string, scope domain.Scope, groups ...domain.GroupID) domain.AgentID {
	d.T.Helper()
	token := "token of " + name
	err := d.Invite(d.As(d.Admin), domain.Invite{Name: name, Role: d.roleID(role), Scope: scope, Groups: groups}, token, nil)
	if err != nil {
		d.T.Fatal(err)
	}
	id, err := d.Join(token, name, name+"@lanshe.example", hash)
	if err != nil {
		d.T.Fatal(err)
	}
	return id
}

// roleID is the id of a built-in role.
func (d *desk) roleID(key string) domain.RoleID {
	roles := d.Directory().RoleList()
	return roles[slices.IndexFunc(roles, func(r domain.Role) bool { return r.Key == key })].ID
}

// group adds a group.
func (d *desk) group(name string) domain.GroupID {
	d.T.Helper()
	id, err := d.SaveGroup(d.As(d.Admin), domain.Group{Name: name})
	if err != nil {
		d.T.Fatal(err)
	}
	return id
}

// site adds a site whose visitors go to a group.
func (d *desk) site(key string, group domain.GroupID, domains ...string) domain.Site {
	d.T.Helper()
	_, err := d.SaveSite(d.As(d.Admin), domain.Site{
		Key: key, Name: "Shop " + key, Group: group, Domains: domains, Brand: "cobalt", Side: "right", Silence: 30,
	})
	if err != nil {
		d.T.Fatal(err)
	}
	s, _ := d.Directory().Site(key)
	return s
}

// newestConversation is the one something happened in last.
func (d *desk) newestConversation() domain.ConversationID {
	d.T.Helper()
	lines, err := d.MissedBy(domain.System, 0, 100_000)
	if err != nil || len(lines) == 0 {
		d.T.Fatalf("no conversation: %v", err)
	}
	return lines[len(lines)-1].In.ID
}

// reply posts an agent's text or note straight into the file.
func (d *desk) reply(by domain.AgentID, in domain.ConversationID, client, body string, kind domain.MessageKind) domain.Message {
	d.T.Helper()
	m, err := d.Reply(d.As(by), in, domain.NewDraft(client, kind, body))
	if err != nil {
		d.T.Fatal(err)
	}
	return m
}

// eventually waits for something that happens beside the test.
func eventually(t testing.TB, within time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(within); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", within, what)
		}
	}
}
