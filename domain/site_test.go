package domain_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"parlor/domain"
)

func TestParseDomains(t *testing.T) {
	for _, row := range []struct {
		in   string
		want []string
		bad  string
	}{
		{"", nil, ""},
		{" \n,, ", nil, ""},
		{"Shop.Example", []string{"shop.example"}, ""},
		{"a.example\r\nb.example,c.example，d.example、e.example\tf.example\u3000g.example", []string{"a.example", "b.example", "c.example", "d.example", "e.example", "f.example", "g.example"}, ""},
		{"https://shop.example/cart?x=1 shop.example", []string{"shop.example"}, ""},
		{"shop.example/cart", []string{"shop.example"}, ""},
		{"*.shop.example", []string{"*.shop.example"}, ""},
		{"localhost:3000 http://127.0.0.1:8080/", []string{"localhost:3000", "127.0.0.1:8080"}, ""},
		{"a.example *", []string{"a.example"}, "*"},
		{"sh*p.example", nil, "sh*p.example"},
		{"shop.example;script-src", nil, "shop.example;script-src"},
		{"shop.example'", nil, "shop.example'"},
		{"a.example:port", nil, "a.example:port"},
	} {
		got, bad := domain.ParseDomains(row.in)
		if !slices.Equal(got, row.want) || bad != row.bad {
			t.Errorf("%q: %q, %q; want %q, %q", row.in, got, bad, row.want, row.bad)
		}
	}
}

func TestHostOf(t *testing.T) {
	for in, want := range map[string]string{
		"https://Shop.example/x": "shop.example", "shop.example": "shop.example", "localhost:3000": "localhost:3000",
		"shop": "", "My shop": "", "a.example b.example": "", "商店": "", "": "",
	} {
		if got := domain.HostOf(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestS40_AllowsExactlyTheListedOrigins(t *testing.T) {
	listed := domain.Site{Domains: []string{"shop.example", "*.brand.example", "dev.example:8443", "localhost", "127.0.0.1"}}
	for origin, want := range map[string]bool{
		"https://shop.example":                true,
		"http://shop.example":                 true,
		"https://shop.example:8443":           false,
		"https://www.shop.example":            false,
		"https://shop.example.evil.example":   false,
		"https://evilshop.example":            false,
		"https://www.brand.example":           true,
		"https://a.b.brand.example":           true,
		"https://brand.example":               false,
		"https://evilbrand.example":           false,
		"https://dev.example:8443":            true,
		"https://dev.example":                 false,
		"http://localhost:3000":               true,
		"https://127.0.0.1:9000":              true,
		"http://localhost.evil.example":       false,
		"null":                                false,
		"":                                    false,
		"file://shop.example":                 false,
		"ftp://shop.example":                  false,
		"https://shop.example\\@evil.example": false,
	} {
		if got := listed.Allows(origin); got != want {
			t.Errorf("%q: %v", origin, got)
		}
	}
	anywhere := domain.Site{}
	if !anywhere.Allows("https://any.example") || anywhere.Allows("null") || anywhere.Allows("javascript:alert(1)") {
		t.Error("a site without a list")
	}
}

func TestS40_Ancestors(t *testing.T) {
	for _, row := range []struct{ domains, want string }{
		{"", "http: https:"},
		{"shop.example", "https://shop.example http://shop.example"},
		{"*.shop.example", "https://*.shop.example http://*.shop.example"},
		{"localhost", "https://localhost http://localhost https://localhost:* http://localhost:*"},
		{"localhost:3000", "https://localhost:3000 http://localhost:3000"},
	} {
		hosts, _ := domain.ParseDomains(row.domains)
		if got := (domain.Site{Domains: hosts}).Ancestors(); got != row.want {
			t.Errorf("%q: %q, want %q", row.domains, got, row.want)
		}
	}
}

func TestSiteValidate(t *testing.T) {
	teams := map[domain.GroupID]domain.Group{1: {ID: 1}}
	sound := domain.Site{Name: "Shop", Group: 1, Brand: "plum", Side: "left", Silence: domain.SilenceDefault}
	for _, row := range []struct {
		name   string
		change func(*domain.Site)
		want   domain.Invalid
	}{
		{"sound", func(s *domain.Site) {}, nil},
		{"never silent", func(s *domain.Site) { s.Silence = 0 }, nil},
		{"a week", func(s *domain.Site) { s.Silence = domain.SilenceMost }, nil},
		{"longest greeting", func(s *domain.Site) { s.Greeting = strings.Repeat("好", 300) }, nil},
		{"no name", func(s *domain.Site) { s.Name = "" }, domain.Invalid{"name": "field.required"}},
		{"unknown group", func(s *domain.Site) { s.Group = 2 }, domain.Invalid{"group": "site.group.unknown"}},
		{"unknown brand", func(s *domain.Site) { s.Brand = "pink" }, domain.Invalid{"brand": "site.brand.unknown"}},
		{"unknown side", func(s *domain.Site) { s.Side = "top" }, domain.Invalid{"side": "site.side.unknown"}},
		{"negative silence", func(s *domain.Site) { s.Silence = -1 }, domain.Invalid{"silence": "site.silence.range"}},
		{"more than a week", func(s *domain.Site) { s.Silence = domain.SilenceMost + 1 }, domain.Invalid{"silence": "site.silence.range"}},
		{"long greeting", func(s *domain.Site) { s.Greeting = strings.Repeat("好", 301) }, domain.Invalid{"greeting": "field.long"}},
	} {
		s := sound
		row.change(&s)
		err := s.Validate(teams)
		var got domain.Invalid
		if errors.As(err, &got); !maps.Equal(got, row.want) || (err == nil) != (row.want == nil) {
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
	}
}
