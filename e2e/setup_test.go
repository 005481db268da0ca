package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// tryField is where the text field of the chat to try stands on the page.
const tryField = `(() => {
	const f = document.querySelector(".try iframe"), o = f.getBoundingClientRect();
	const r = f.contentDocument.querySelector("#text")?.getBoundingClientRect();
	return r ? [o.x + r.x + r.width / 2, o.y + r.y + r.height / 2] : [];
})()`

func TestFirstRun_LeadsFromAnEmptyFileToAChat(t *testing.T) {
	s := start(t)
	admin := newPerson(t, "Zhou", desktop)
	tab := admin.open(s.base + "/setup")
	admin.faults.expect("status of 422")
	fields := map[string]string{"team": "Lanshe", "name": "Zhou", "email": "zhou@lanshe.example", "site": "localhost"}
	for name, text := range fields {
		tab.fill("[name="+name+"]", text)
	}
	tab.fill("[name=password]", "password1")
	tab.click("button[type=submit]")
	tab.says("#f-password-error", "This password is too common and easy to guess")
	becomes(tab, `document.querySelector("[name=password]").getAttribute("aria-describedby")`, "f-password-error")
	for name, text := range fields {
		becomes(tab, value("[name="+name+"]"), text)
	}

	tab.fill("[name=password]", password)
	tab.click("button[type=submit]")
	tab.until(`location.pathname === "/settings/sites/1"`)
	tag := tab.text("#copy-text")
	if !strings.HasPrefix(tag, `<script async src="`+s.base+`/widget.js?site=`) {
		t.Errorf("the script tag is %s", tag)
	}
	tab.click("[data-copy]")
	tab.see(".toast")
	becomes(tab, `getSelection().toString().trim()`, tag)

	desk := admin.desk(s)
	tab.until(tryField + `.length`)
	at := read[[]float64](tab, tryField)
	tab.clickAt(at[0], at[1])
	tab.write("Does it work?")
	tab.press(enter)
	desk.choose(1)
	becomes(desk, agentLines, []string{"visitor: Does it work?"})
	desk.answer("It does")
	becomes(tab, strings.ReplaceAll(visitorLines, "document.", `document.querySelector(".try iframe").contentDocument.`),
		[]string{"visitor: Does it work?", "agent: It does"})

	if status, _ := s.client().get("/setup"); status != http.StatusNotFound {
		t.Errorf("the setup answers %d after it was done", status)
	}
}
