package faults

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestR04_PowerLossAfterAnAcknowledgement rebuilds, for moments at which an
// acknowledgement left, what a disk may hold if the power fails just then:
// all that was synced by that time, and of the rest any part.
func TestR04_PowerLossAfterAnAcknowledgement(t *testing.T) {
	d := newDeskIn(t, t.TempDir())
	first, err := os.ReadFile(d.file)
	if err != nil {
		t.Fatal(err)
	}
	each := rounds(30, 150)
	calls := d.traced("pwrite64,ftruncate,fsync,fdatasync,unlink,unlinkat,write", func() {
		vs := d.visitors(3)
		together(len(vs), func(i int) {
			for range each {
				vs[i].say(strings.Repeat("enough to fill the log and have it moved into the file; ", 170))
			}
		})
	})
	moments := acknowledgements(calls)
	if len(moments) != len(d.ledger.acknowledged()) {
		t.Fatalf("saw %d acknowledgements leave; clients have %d", len(moments), len(d.ledger.acknowledged()))
	}
	for _, n := range rand.Perm(len(moments))[:rounds(8, len(moments))] {
		lost := diskAt(moments[n].left, calls, d.file, first)
		for _, chance := range []float64{0, 0.5} {
			file := filepath.Join(t.TempDir(), "parlor.db")
			lost.write(t, file, chance)
			d.ledger.holdsUpTo(file, moments[n].id)
		}
	}
	if whole := diskAt(len(calls)*2, calls, d.file, first); whole.moved == 0 {
		t.Error("the log was never moved into the file while messages came in")
	}
}

// moment is when an acknowledgement left.
type moment struct {
	left int
	id   int64
}

var acknowledged = regexp.MustCompile(`^HTTP/1\.1 201 [\s\S]*"id":(\d+)`)

func acknowledgements(calls []call) (out []moment) {
	for _, c := range calls {
		if m := acknowledged.FindStringSubmatch(c.data); m != nil && strings.HasPrefix(c.path, "socket:") {
			id, _ := strconv.ParseInt(m[1], 10, 64) // the pattern admits digits alone
			out = append(out, moment{c.begun, id})
		}
	}
	return out
}

// disk is what a machine's disk holds of a database, and what waits in memory.
type disk struct {
	file    string
	kept    map[string][]byte // by path: what was synced
	named   map[string]bool   // by path: whether the folder was synced since the file was made
	waiting []call
	moved   int // how often the log was moved into the file
}

// diskAt is the disk at a step, beginning with a file that is all there is.
func diskAt(step int, calls []call, file string, first []byte) *disk {
	d := &disk{file: file, kept: map[string][]byte{file: slices.Clone(first)}, named: map[string]bool{file: true}}
	for _, c := range calls {
		if c.ended < step {
			d.take(c)
		}
	}
	return d
}

func (d *disk) take(c call) {
	switch {
	case c.name == "pwrite64" || c.name == "ftruncate":
		d.waiting = append(d.waiting, c)
	case strings.HasPrefix(c.name, "unlink"):
		d.forget(c.data)
	case strings.HasSuffix(c.name, "sync") && c.path == filepath.Dir(d.file):
		d.named[d.file+"-wal"] = true
	case strings.HasSuffix(c.name, "sync"):
		d.sync(c.path)
	}
}

func (d *disk) forget(path string) {
	delete(d.kept, path)
	delete(d.named, path)
	var rest []call
	for _, c := range d.waiting {
		if c.path != path {
			rest = append(rest, c)
		}
	}
	d.waiting = rest
}

func (d *disk) sync(path string) {
	var rest []call
	for _, c := range d.waiting {
		if c.path != path {
			rest = append(rest, c)
			continue
		}
		d.kept[path] = changed(d.kept[path], c)
		if path == d.file {
			d.moved++
		}
	}
	d.waiting = rest
}

// changed applies a write or a truncation to a file's content.
func changed(content []byte, c call) []byte {
	end := c.number + int64(len(c.data))
	switch {
	case c.name == "ftruncate" && end < int64(len(content)):
		return content[:end]
	case end > int64(len(content)):
		content = append(content, make([]byte, end-int64(len(content)))...)
	}
	copy(content[c.number:], c.data)
	return content
}

const sector = 512

// write makes the file as it is found after the power came back. What was not
// synced is there by chance, and not always whole.
func (d *disk) write(t *testing.T, file string, chance float64) {
	t.Helper()
	found := map[string][]byte{}
	for path, content := range d.kept {
		found[path] = slices.Clone(content)
	}
	for _, c := range d.waiting {
		if rand.Float64() >= chance {
			continue
		}
		if whole := len(c.data) / sector; whole > 0 && rand.Float64() < 0.3 {
			c.data = c.data[:sector*rand.IntN(whole)]
		}
		found[c.path] = changed(found[c.path], c)
	}
	for _, end := range []string{"", "-wal"} {
		if path := d.file + end; d.named[path] {
			if err := os.WriteFile(file+end, found[path], 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}
