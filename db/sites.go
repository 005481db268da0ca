package db

import (
	"parlor/domain"
)

var (
	insertSite = change(`INSERT INTO sites (key, name, group_id, domains, brand, side, greeting, silence, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	updateSite = change(`UPDATE sites SET name = ?, group_id = ?, domains = ?, brand = ?, side = ?, greeting = ?, silence = ? WHERE id = ?`)
)

// SaveSite creates a site, or changes it when it has an id. Errors: Invalid, NotFound.
func (d *DB) SaveSite(by domain.Actor, s domain.Site) (id domain.SiteID, err error) {
	if err := s.Validate(d.Directory().Groups); err != nil {
		return 0, err
	}
	err = d.Write(func(tx *Tx) error {
		if id, err = tx.saveSite(s); err != nil {
			return err
		}
		if err := tx.rearm(s); err != nil {
			return err
		}
		return tx.setting(by, "site")
	})
	return id, err
}

var openAt = read(`SELECT ` + conversationColumns + conversationFrom + `WHERE c.state = 'open' AND c.site_id = ?`)

// rearm lets a site's minutes of silence count for the conversations under way.
func (tx *Tx) rearm(s domain.Site) error {
	open, err := scanConversations(tx.rows(openAt, int64(s.ID)))
	if err != nil {
		return err
	}
	for _, c := range open {
		if err := tx.arm(silence, int64(c.ID), c.SilentUntil(s.Silence)); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) saveSite(s domain.Site) (domain.SiteID, error) {
	if s.Domains == nil {
		s.Domains = []string{}
	}
	if s.ID == 0 {
		id, err := tx.insert(insertSite, s.Key, s.Name, int64(s.Group), toJSON(s.Domains), s.Brand, s.Side, s.Greeting, s.Silence, ms(tx.now))
		return domain.SiteID(id), err
	}
	r, err := tx.exec(updateSite, s.Name, int64(s.Group), toJSON(s.Domains), s.Brand, s.Side, s.Greeting, s.Silence, int64(s.ID))
	if err != nil {
		return 0, err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return 0, domain.NotFound
	}
	return s.ID, nil
}
