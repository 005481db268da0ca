package domain_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"parlor/domain"
)

func TestDraftValidate(t *testing.T) {
	for _, row := range []struct {
		name, client, body string
		kind               domain.MessageKind
		want               domain.Invalid
	}{
		{"plain", "a-Z_09", "hello", domain.Text, nil},
		{"note", "a", "hello", domain.Note, nil},
		{"empty", "a", "", domain.Text, domain.Invalid{"body": "message.empty"}},
		{"blank", "a", " \t\n\u3000", domain.Text, domain.Invalid{"body": "message.empty"}},
		{"nothing to see", "a", "\u200b\u2060 \ufeff\u202e", domain.Text, domain.Invalid{"body": "message.empty"}},
		{"a joined emoji", "a", "👩\u200d💻", domain.Text, nil},
		{"as long as may be", "a", strings.Repeat("客", 10_000), domain.Text, nil},
		{"one too many", "a", strings.Repeat("客", 10_001), domain.Text, domain.Invalid{"body": "message.long"}},
		{"invalid UTF-8", "a", "a\xff", domain.Text, domain.Invalid{"body": "message.encoding"}},
		{"no client id", "", "hello", domain.Text, domain.Invalid{"client_id": "message.client"}},
		{"longest client id", strings.Repeat("x", 64), "hello", domain.Text, nil},
		{"long client id", strings.Repeat("x", 65), "hello", domain.Text, domain.Invalid{"client_id": "message.client"}},
		{"client id with a space", "a b", "hello", domain.Text, domain.Invalid{"client_id": "message.client"}},
		{"client id with a line end", "a\n", "hello", domain.Text, domain.Invalid{"client_id": "message.client"}},
		{"client id of other letters", "客", "hello", domain.Text, domain.Invalid{"client_id": "message.client"}},
		{"unknown kind", "a", "hello", "html", domain.Invalid{"kind": "message.kind"}},
		{"everything wrong", "", "", "", domain.Invalid{"body": "message.empty", "client_id": "message.client", "kind": "message.kind"}},
	} {
		err := domain.Draft{ClientID: row.client, Kind: row.kind, Body: row.body}.Validate()
		var got domain.Invalid
		if errors.As(err, &got); !maps.Equal(got, row.want) || (err == nil) != (row.want == nil) {
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
	}
}

func TestDraftSameComparesBodyAndKind(t *testing.T) {
	d := domain.NewDraft("a", domain.Text, "one\r\n")
	if !d.Same(domain.Message{Kind: domain.Text, Body: "one"}) {
		t.Error("a cleaned draft differs from its stored message")
	}
	if d.Same(domain.Message{Kind: domain.Text, Body: "two"}) || d.Same(domain.Message{Kind: domain.Note, Body: "one"}) {
		t.Error("another body or kind is the same")
	}
}

func TestInvalidNamesItsFieldsInOrder(t *testing.T) {
	v := domain.Invalid{"b": "two", "a": "one"}
	if v.Error() != "invalid: a=one b=two" || (domain.Invalid{}).Err() != nil || v.Err() == nil {
		t.Fatal(v.Error())
	}
}
