package main

import "testing"

func TestStampIsFoundAcrossReads(t *testing.T) {
	const event = "id: 7\ndata: <p>t0=1795400000123456789 您好</p>\nevent: line\n\n"
	const due = 1795400000123456789
	if t0, _ := stamp([]byte(event)); t0 != due {
		t.Errorf("%d in one read", t0)
	}
	for cut := range event {
		t0, rest := stamp([]byte(event[:cut]))
		if t0 == 0 {
			t0, _ = stamp(append(rest, event[cut:]...))
		}
		if t0 != due {
			t.Errorf("%d when cut at %d", t0, cut)
		}
	}
}
