package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// stop is a page in one of its states.
type stop struct {
	name, url string
	public    bool   // for visitors and people at the door
	cookie    string // who asks, as name=value; by default the agent
	ready     string // what has to be shown
	reveal    string // a script that shows what is hidden at first
}

// tour is every page of the product in every state, on two servers: one that
// is not set up yet and one in the middle of a working day.
type tour struct {
	*server
	agent account
	stops []stop
}

// revealThread opens the search, switches to a note and shows the notices.
const revealThread = `(document.querySelector("#find").hidden = document.querySelector("#net").hidden = document.querySelector("#jump").hidden = false,
	document.querySelector("#jump span").textContent = "3 new", document.querySelector("#mode-note").click())`

// newTour prepares the day: an agent who holds one conversation and has ended
// another, a colleague who holds a third, and a customer in the queue.
func newTour(t *testing.T) *tour {
	t.Helper()
	empty, s := start(t), start(t)
	w := &tour{server: s, agent: s.setUp()}
	wang := w.agent.hire("Wang", "self")
	invited := joinLink.FindString(w.agent.must("/settings/invites", "name", "Sun", "role", agentRole, "scope", "self", "groups", "1"))
	idle := w.agent.hireInto("Ma", "self", "")

	ended, open, other, queued := s.client(), s.client(), s.client(), s.client()
	ended.say("Thank you")
	w.agent.must("/desk/conversations/1/closure")
	w.agent.full()
	wang.full()
	open.say("Which lamp do I need for https://shop.example/x20?\nIt blinks.")
	w.agent.reply(2, "> Which lamp?\nThe white one", "text")
	w.agent.reply(2, "Serial number 2409, ask @Wang", "note")
	open.say("And how long is the guarantee?")
	other.say("Where is my parcel?")
	wang.reply(3, "On its way", "text")
	queued.say("Is anybody there?")

	w.add(stop{name: "setup", url: empty.base + "/setup", public: true, ready: "form"})
	w.add(stop{name: "sign-in", url: "/login", public: true, ready: "form"})
	w.add(stop{name: "joining", url: invited, public: true, ready: "form"})
	w.add(stop{name: "not found", url: "/nowhere", public: true, ready: "h1"})
	w.add(stop{name: "workspace without conversations", url: "/desk", cookie: idle.session(), ready: "#rows .empty"})
	w.add(stop{name: "list", url: "/desk", ready: row(2)})
	w.add(stop{name: "colleagues' list", url: "/desk?tab=colleagues", ready: row(3)})
	w.add(stop{name: "own thread", url: "/desk/conversations/2", ready: "#editor"})
	w.add(stop{name: "own thread with everything out", url: "/desk/conversations/2", ready: "#editor", reveal: revealThread})
	w.add(stop{name: "list with the status menu", url: "/desk", ready: row(2), reveal: `document.querySelector("#status-menu").showPopover()`})
	w.add(stop{name: "customer beside the thread", url: "/desk/conversations/2", ready: "#editor", reveal: `document.body.dataset.view = "info"`})
	w.add(stop{name: "ended thread", url: "/desk/conversations/1", ready: ".closed-line"})
	w.add(stop{name: "colleague's thread", url: "/desk/conversations/3", ready: ".closed-line"})
	w.add(stop{name: "queued thread", url: "/desk/conversations/4", ready: ".closed-line"})
	w.add(stop{name: "queue", url: "/queue", ready: "#queued-4"})
	w.add(stop{name: "empty queue", url: "/queue", cookie: idle.session(), ready: "#queue .empty"})
	for _, page := range []string{"profile", "agents", "agents/2", "groups", "sites", "sites/1", "sites/new", "team"} {
		w.add(stop{name: page, url: "/settings/" + page, ready: "h1"})
	}
	for state, visitor := range map[string]*client{"new": s.client(), "open": open, "queued": queued, "ended": ended} {
		chat := stop{name: state + " chat", url: "/chat/" + s.key, public: true, cookie: visitor.session(), ready: "#text"}
		w.add(chat)
		chat.name, chat.url = "framed "+chat.name, chat.url+"?embed=1"
		w.add(chat)
	}
	return w
}

func (w *tour) add(s stop) {
	if strings.HasPrefix(s.url, "/") {
		s.url = w.base + s.url
	}
	w.stops = append(w.stops, s)
}

// session is the cookie that says who a client is, as name=value.
func (c *client) session() string {
	for _, k := range c.http.Jar.Cookies(c.urls) {
		if k.Name == "parlor" || strings.HasPrefix(k.Name, "visitor-") {
			return k.Name + "=" + k.Value
		}
	}
	return ""
}

// visit shows a stop as whom it is for.
func (w *tour) visit(tab *page, s stop) {
	w.t.Helper()
	if s.name == "not found" {
		tab.expect("status of 404")
	}
	as := s.cookie
	if as == "" && !s.public {
		as = w.agent.session()
	}
	tab.visit("about:blank") // whoever was here before asks for nothing any more
	tab.person.become(w.server, as)
	tab.visit(s.url)
	tab.see(s.ready)
	if s.reveal != "" {
		read[chromedp.Void](tab, s.reveal)
	}
}
