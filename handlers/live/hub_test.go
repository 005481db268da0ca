package live

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"parlor/db"
	"parlor/db/dbtest"
	"parlor/domain"
)

// agentWire opens the administrator's stream under a session. The channel is
// closed when the stream ends.
func agentWire(t *testing.T, team *dbtest.Team, h *Hub, session string) <-chan struct{} {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.Agent(w, r, team.Admin, team.Directory().Agents[team.Admin].Epoch, session, "en")
	}))
	t.Cleanup(server.Close)
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	over := make(chan struct{})
	go func() {
		defer close(over)
		_, _ = io.Copy(io.Discard, response.Body) // however it ends, it ends
	}()
	return over
}

// ends reports whether a stream comes to its end soon.
func ends(over <-chan struct{}) bool {
	select {
	case <-over:
		return true
	case <-time.After(500 * time.Millisecond):
		return false
	}
}

// session stores a session of the administrator.
func session(t *testing.T, team *dbtest.Team, key string) *db.Sessions {
	t.Helper()
	store := team.Sessions(func([]byte) domain.AgentID { return team.Admin })
	if err := store.Commit(key, []byte("data"), team.Clock.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	return store
}

func TestS13_AStreamOpenedWhileItsSessionEndsIsEnded(t *testing.T) {
	t.Parallel()
	team, h := dbtest.New(t), New()
	h.Use(team.DB)
	store := session(t, team, "ended")
	if err := store.Delete("ended"); err != nil {
		t.Fatal(err)
	}
	if !ends(agentWire(t, team, h, "ended")) {
		t.Error("the stream of an ended session stays open")
	}
}

func TestS11_TheHeartbeatEndsStreamsOfExpiredSessions(t *testing.T) {
	t.Parallel()
	team, h := dbtest.New(t), New()
	h.Use(team.DB)
	session(t, team, "short")
	stream := agentWire(t, team, h, "short")
	h.beat()
	if ends(stream) {
		t.Fatal("the stream of a live session was ended")
	}
	team.Clock.Advance(2 * time.Hour)
	h.beat()
	if !ends(stream) {
		t.Error("the stream goes on after its session expired")
	}
}

func TestR06_ALostBacklogIsSaid(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	for range backlogMost + 2 {
		w.hub.Publish([]domain.Change{{}})
	}
	w.hub.fanOut(w.hub.take())
	w.next(t, "resync")
}

func TestF07_TheLibraryKeepsNothing(t *testing.T) {
	t.Parallel()
	if s := New().server; s.AutoReplay || s.EventTTL != 0 || !s.SplitData {
		t.Errorf("%+v", s)
	}
}
