package main

import (
	"strconv"
	"sync"
)

// hub knows the one reader of each conversation.
type hub struct{ readers sync.Map } // conversation → chan []byte

const readerBuffer = 64

func (h *hub) join(conversation int64) (frames <-chan []byte, leave func()) {
	c := make(chan []byte, readerBuffer)
	h.readers.Store(conversation, c)
	return c, func() { h.readers.CompareAndDelete(conversation, c) }
}

// publish hands a frame of about 350 bytes to the reader; one that does not
// keep up loses it.
func (h *hub) publish(conversation, event int64, body string) {
	reader, ok := h.readers.Load(conversation)
	if !ok {
		return
	}
	b := make([]byte, 0, len(body)+220)
	b = append(b, "id: "...)
	b = strconv.AppendInt(b, event, 10)
	b = append(b, "\nevent: message\ndata: <article class=\"msg msg-in\" id=\"m"...)
	b = strconv.AppendInt(b, event, 10)
	b = append(b, "\"><header><b>visitor</b><time>10:00</time></header><div class=\"body\">"...)
	b = append(b, body...)
	b = append(b, "</div></article>\n\n"...)
	select {
	case reader.(chan []byte) <- b:
	default:
	}
}
