// Package demo fills a file with a believable small shop: months of
// conversations of a household-appliance brand in Chinese, English and both.
package demo

import (
	"errors"
	"fmt"
	"os"
	"time"

	"parlor/db"
	"parlor/domain"
)

// Email is the administrator's address. Nobody has a password that works.
const Email = "zhou@lanshe.example"

// Fill makes a new file at path that holds the given number of messages. The
// same number makes the same shop, with its history ending now.
func Fill(path string, messages int) error { return fill(path, messages, time.Now()) }

func fill(path string, messages int, now time.Time) (err error) {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s exists already", path)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(path)) // it is written without a journal: half a file is none
		}
	}()
	days := span(messages)
	start := now.AddDate(0, 0, -days)
	s := &shop{random: newRandom(), now: now}
	if s.team, err = found(path, start); err != nil {
		return err
	}
	into, err := newBulk(path)
	if err != nil {
		return err
	}
	s.into, s.next = into, into.last
	return errors.Join(s.live(start, days, messages), into.finish())
}

// span is how many days of history a number of messages covers.
func span(messages int) int {
	switch {
	case messages < 50_000:
		return 90
	case messages < 500_000:
		return 180
	}
	return 365
}

// team is who works in the shop.
type team struct {
	agents map[domain.GroupID][]agent
	sites  []domain.Site
}

type agent struct {
	domain.Actor
	name string
}

// found makes the team with the verbs that settings pages use, as of the
// beginning of its history.
func found(path string, start time.Time) (t team, err error) {
	d, err := db.Open(path, db.Options{Clock: func() time.Time { return start }})
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	id, err := d.SetUp(db.Founding{Team: teamName, Name: adminName, Email: Email, Group: groupNames[0], Site: siteList[0]})
	if err != nil {
		return t, err
	}
	admin, _ := d.Directory().Actor(id)
	for _, name := range groupNames[1:] {
		if _, err := d.SaveGroup(admin, domain.Group{Name: name}); err != nil {
			return t, err
		}
	}
	for i, site := range siteList[1:] {
		site.Group = d.Directory().GroupList()[i+1].ID
		if _, err := d.SaveSite(admin, site); err != nil {
			return t, err
		}
	}
	for i, p := range staff {
		if err := hire(d, admin, i, p); err != nil {
			return t, err
		}
	}
	return roster(d.Directory()), nil
}

func hire(d *db.DB, admin domain.Actor, n int, p person) error {
	dir := d.Directory()
	group := dir.GroupList()[p.group].ID
	i := domain.Invite{Name: p.name, Scope: domain.ScopeGroups, Groups: []domain.GroupID{group}}
	for _, r := range dir.RoleList() {
		if r.Key == p.role {
			i.Role = r.ID
		}
	}
	token := fmt.Sprint("hire ", n)
	if err := d.Invite(admin, i, token, nil); err != nil {
		return err
	}
	_, err := d.Join(token, p.name, p.email, "")
	return err
}

func roster(dir *db.Directory) team {
	t := team{agents: map[domain.GroupID][]agent{}, sites: dir.SiteList()}
	for _, a := range dir.AgentList() {
		actor, _ := dir.Actor(a.ID)
		for _, g := range a.Groups {
			t.agents[g] = append(t.agents[g], agent{actor, a.Name})
		}
	}
	return t
}
