package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parlor/db/dbtest"
	"parlor/domain"
)

// found returns the bodies that a search in the thread gives, newest first.
func found(t testing.TB, team *dbtest.Team, id domain.ConversationID, typed string) []string {
	t.Helper()
	hits, err := team.FindInThread(domain.System, id, typed, 20)
	if err != nil {
		t.Fatalf("%q: %v", typed, err)
	}
	var out []string
	for _, h := range hits {
		out = append(out, h.Body)
	}
	return out
}

func TestSearchInAThread(t *testing.T) {
	team := dbtest.New(t)
	v, c := team.Visitor("v", "你好，基站回不去了")
	bodies := []string{
		"订单号 SF-20261123 的退款进度", "My Order has not arrived", "café à Paris", "iPhone15手机壳", "ひらがなとカタカナ", "退，款", "a_b%c", "100%",
	}
	for i, body := range bodies {
		_, _, err := team.Say(again(team, v, fmt.Sprint("c", i), body))
		must(t, errors.Join(err, team.IndexAll()))
	}
	must(t, reply(team, domain.System, c.ID, note("n", "内部：退款已批")))
	_, other := team.Visitor("w", "退款 elsewhere")
	must(t, team.IndexAll())
	first := "你好，基站回不去了"
	for typed, want := range map[string][]string{
		"站":                       {first},
		"基站":                      {first},
		"回不去了":                    {first},
		"站基":                      nil,
		"基站 你好":                   {first},
		"退款":                      {"内部：退款已批", bodies[0]},
		"退款 elsewhere":            nil,
		"ord":                     {bodies[1]},
		"ORDER arr":               {bodies[1]},
		"rder":                    nil,
		"cafe":                    {bodies[2]},
		"SF-2026":                 {bodies[0]},
		"iphone15手机":              {bodies[3]},
		"15手机":                    nil,
		"手机壳":                     {bodies[3]},
		"カタカナ":                    {bodies[4]},
		"らがな":                     {bodies[4]},
		"订单号SF":                   {bodies[0]},
		"100":                     {bodies[7]},
		"":                        nil,
		"，。!?":                    nil,
		"😀":                       nil,
		"\"Order\" AND (\"not\")": nil,
	} {
		if got := found(t, team, c.ID, typed); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
	if got := found(t, team, other.ID, "退款"); !slices.Equal(got, []string{"退款 elsewhere"}) {
		t.Errorf("another thread: %q", got)
	}
	if hits, err := team.FindInThread(domain.System, c.ID, "a", 1); err != nil || len(hits) != 1 {
		t.Errorf("the limit: %v, %v", hits, err)
	}
}

func TestS35_NothingTypedIntoSearchIsAnError(t *testing.T) {
	team := dbtest.New(t)
	_, c := team.Visitor("v", "needle 针")
	must(t, team.IndexAll())
	for _, typed := range []string{
		`"`, `""`, `'`, `needle"`, `"needle`, `needle*`, `*`, `**`, `^needle`, `-needle`, `+needle`, `needle OR`, `OR`, `AND`, `NOT`, `NEAR(`, `NEAR(needle, 1)`,
		`body:needle`, `{body}:needle`, `needle;DROP TABLE messages`, `(needle`, `needle)`, `needle AND`, `needle NOT needle`, `\`, `%`, `_`, `needle -- x`,
		"needle\x00", "\x00", "\xff\xfe", "needle\xff", "针\"", "\u202eneedle", "needle\u200b针", "e\u0301", "नमस्ते", "٣", "²", "Ⅷ", "ﬁ", "ʰ", "𝕟",
		strings.Repeat("a ", 3000), strings.Repeat("a", 10_000), strings.Repeat("针", 5000), strings.Repeat("针a", 2000), strings.Repeat(`"`, 999),
	} {
		if _, err := team.FindInThread(domain.System, c.ID, typed, 20); err != nil {
			t.Errorf("%.40q: %v", typed, err)
		}
	}
}

func FuzzSearch(f *testing.F) {
	team := dbtest.New(f)
	_, c := team.Visitor("v", "needle 针")
	must(f, team.IndexAll())
	f.Add(`needle" OR`)
	f.Fuzz(func(t *testing.T, typed string) { found(t, team, c.ID, typed) })
}

func TestTheIndexFollowsTheMessages(t *testing.T) {
	team := dbtest.New(t)
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() {
		team.RunIndex(ctx)
		close(stopped)
	}()
	_, c := team.Visitor("v", "needle")
	start := time.Now()
	for len(found(t, team, c.ID, "needle")) == 0 {
		if time.Since(start) > 5*time.Second {
			t.Fatal("the message is never found")
		}
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	select {
	case <-stopped:
	case <-time.After(5 * time.Second):
		t.Error("the loop does not stop")
	}
	v, _ := team.DB.Visitor(team.Site.ID, "visitor-v")
	_, _, err := team.Say(again(team, v, "b", "while it stood still"))
	must(t, err)
	team.Reopen()
	must(t, team.IndexAll())
	if len(found(t, team, c.ID, "still")) != 1 || len(found(t, team, c.ID, "needle")) != 1 {
		t.Error("the index lost its place")
	}
}
