package web_test

import (
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"

	"parlor/domain"
	"parlor/handlers/web"
)

func TestS03_PasswordRules(t *testing.T) {
	long := strings.Repeat("correct horse ", 18) + "four" // 256 characters
	for password, want := range map[string]string{
		"": "password.short", "1234567": "password.short", "七个汉字不够长": "password.short",
		"password": "password.common", "PassWord": "password.common", "12345678": "password.common", "qwertyuiop": "password.common", "iloveyou": "password.common",
		"lanshe2026": "password.word", "Lanshe!!!": "password.word", "zhouyian1": "password.word", "Zhou Yian": "password.word",
		"zhou@lanshe.example": "password.word", "parlor-2026": "password.word", "lanshe-zhou": "password.word", "会客厅会客厅会客厅": "password.word",
		long + "x": "password.long",
		long:       "", "correct horse battery": "", "x9$kq!vT": "", "        ": "", "一二三四五六七八": "", "lanshe and the sea": "", strings.Repeat("z", 64) + "é": "",
	} {
		v := domain.Invalid{}
		if web.CheckPassword(v, password, "Lanshe", "Zhou Yian", "zhou@lanshe.example", ""); v["password"] != want {
			t.Errorf("%q: %q, want %q", password, v["password"], want)
		}
	}
}

func TestS03_NoPartOfALongPasswordIsIgnored(t *testing.T) {
	h := web.NewHasher()
	base := strings.Repeat("0123456789", 10)
	hash, err := h.Hash(base + "a")
	if err != nil {
		t.Fatal(err)
	}
	if ok, _ := h.Matches(base+"a", hash); !ok {
		t.Error("the password itself does not match")
	}
	for _, other := range []string{base + "b", base, base + "a\x00", base + "a "} {
		if ok, _ := h.Matches(other, hash); ok {
			t.Errorf("%q matches too", other)
		}
	}
}

func TestS01_HashesCarryTheirParametersAndAreRenewed(t *testing.T) {
	h := web.NewHasher()
	hash, err := h.Hash("correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %s", hash)
	}
	if ok, outdated := h.Matches("correct horse battery", hash); !ok || outdated {
		t.Errorf("a hash of today: matches %t, outdated %t", ok, outdated)
	}
	weak, err := argon2id.CreateHash("correct horse battery", &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		t.Fatal(err)
	}
	if ok, outdated := h.Matches("correct horse battery", weak); !ok || !outdated {
		t.Errorf("a weaker hash: matches %t, outdated %t", ok, outdated)
	}
}

func TestS06_AnEmptyOrBrokenHashNeverMatches(t *testing.T) {
	h := web.NewHasher()
	for _, none := range []string{"", "no password", "$2a$10$abc", "$argon2id$v=19$m=19456,t=2,p=1$"} {
		for _, password := range []string{"", "no password", "correct horse battery"} {
			if ok, _ := h.Matches(password, none); ok {
				t.Errorf("%q matches the hash %q", password, none)
			}
		}
	}
}
