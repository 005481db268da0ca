package db

import (
	"parlor/domain"
)

var (
	insertTeam = change(`INSERT INTO team (id, name, created_at) VALUES (1, ?, ?)`)
	renameTeam = change(`UPDATE team SET name = ? WHERE id = 1`)
	insertRole = change(`INSERT INTO roles (key, name, grants) VALUES (?, '', ?)`)
)

// Founding is what the first run asks for, with the password already hashed.
type Founding struct {
	Team  string
	Name  string
	Email string
	Hash  string
	Group string
	Site  domain.Site // its group is the first one
}

// SetUp creates team, roles, first group, administrator and first site in one
// transaction. Errors: NotFound when the team exists already.
func (d *DB) SetUp(f Founding) (id domain.AgentID, err error) {
	err = d.Write(func(tx *Tx) error {
		if tx.d.Directory().Team != "" || tx.directory {
			return domain.NotFound
		}
		id, err = tx.found(f)
		return err
	})
	return id, err
}

func (tx *Tx) found(f Founding) (domain.AgentID, error) {
	if _, err := tx.exec(insertTeam, f.Team, ms(tx.now)); err != nil {
		return 0, err
	}
	var admin int64
	for i, r := range domain.DefaultRoles {
		id, err := tx.insert(insertRole, r.Key, toJSON(r.Grants))
		if err != nil {
			return 0, err
		}
		if i == 0 {
			admin = id
		}
	}
	group, err := tx.saveGroup(domain.Group{Name: f.Group})
	if err != nil {
		return 0, err
	}
	id, err := tx.addAgent(f.Email, f.Hash, domain.Agent{
		Name: f.Name, Role: domain.RoleID(admin), Scope: domain.ScopeAll, Groups: []domain.GroupID{group},
		Maximum: domain.MaximumDefault, Ceiling: domain.CeilingDefault,
	})
	if err != nil {
		return 0, err
	}
	f.Site.Group = group
	if _, err := tx.saveSite(f.Site); err != nil {
		return 0, err
	}
	return id, tx.setting(domain.Actor{Kind: domain.ByAgent, Agent: id}, "setup")
}

// RenameTeam changes the team's name. Errors: Invalid.
func (d *DB) RenameTeam(by domain.Actor, name string) error {
	v := domain.Invalid{}
	v.CheckName("team", name, domain.NameMost)
	if err := v.Err(); err != nil {
		return err
	}
	return d.Write(func(tx *Tx) error {
		if _, err := tx.exec(renameTeam, name); err != nil {
			return err
		}
		return tx.setting(by, "team")
	})
}
