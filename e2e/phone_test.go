package e2e

import "testing"

func TestPhone_ListThreadCustomerAndBack(t *testing.T) {
	s := start(t)
	zhou := s.setUp()
	chat := newPerson(t, "Lin", phone).chat(s)
	chat.send("Hello from the train")
	desk := zhou.at(phone).desk(s)
	desk.see(row(1))
	desk.miss("#thread")
	desk.choose(1)
	desk.miss("#rows")
	desk.see("#editor")
	desk.answer("Have a good journey")
	becomes(chat, visitorLines, []string{"visitor: Hello from the train", "agent: Have a good journey"})
	desk.click("#talk-head [data-go=info]")
	desk.see("#info .person")
	desk.miss("#editor")
	desk.click("#info [data-go=thread]")
	desk.see("#editor")
	desk.miss("#info")
	desk.click("#talk-head a[href='/desk']")
	desk.see(row(1))
	desk.miss("#talk-head")
}

// Nothing is wider than the narrowest phone: no page scrolls sideways.
func TestPhone_NoPageScrollsSideways(t *testing.T) {
	w := newTour(t)
	narrow := look{width: 360, height: 780}
	agents, visitors := w.agent.at(narrow).blank(), newPerson(t, "Lin", narrow).blank()
	for _, stop := range w.stops {
		tab := agents
		if stop.public {
			tab = visitors
		}
		w.visit(tab, stop)
		if over := read[float64](tab, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("%s is %v px too wide: %s", stop.name, over, read[string](tab, widest))
		}
	}
}

// widest names what stands out at the right.
const widest = `[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
	.map((e) => e.tagName.toLowerCase() + "." + e.className).slice(0, 5).join(" ")`
