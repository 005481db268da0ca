package db

import (
	"errors"

	"parlor/domain"
)

var (
	insertAgent = change(`INSERT INTO agents (email, name, password, role_id, scope, status, maximum, ceiling, position, created_at)
		VALUES (?, ?, ?, ?, ?, 'offline', ?, ?, (SELECT COALESCE(MAX(position), 0) + 1 FROM agents), ?)`)
	updateAgent = change(`UPDATE agents SET name = ?, role_id = ?, scope = ?, maximum = ?, ceiling = ?, active = ?, epoch = epoch + ? WHERE id = ?`)
	setStatus   = change(`UPDATE agents SET status = ? WHERE id = ?`)
	setMaximum  = change(`UPDATE agents SET maximum = ? WHERE id = ?`)
	setPrefs    = change(`UPDATE agents SET prefs = ?, name = ? WHERE id = ?`)
	setPassword = change(`UPDATE agents SET password = ?, epoch = epoch + 1 WHERE id = ?`)
	setHash     = change(`UPDATE agents SET password = ? WHERE id = ? AND password = ?`)
	setPosition = change(`UPDATE agents SET position = ? WHERE id = ?`)
	addMember   = change(`INSERT INTO group_members (group_id, agent_id) VALUES (?, ?) ON CONFLICT DO NOTHING`)
	dropMembers = change(`DELETE FROM group_members WHERE agent_id = ?`)
	addScope    = change(`INSERT INTO scope_groups (agent_id, group_id) VALUES (?, ?) ON CONFLICT DO NOTHING`)
	dropScopes  = change(`DELETE FROM scope_groups WHERE agent_id = ?`)
	login       = read(`SELECT id, password, active, epoch FROM agents WHERE email = ?`)
	passwordOf  = read(`SELECT password FROM agents WHERE id = ?`)
	admins      = read(`SELECT COUNT(*) FROM agents a JOIN roles r ON r.id = a.role_id WHERE r.key = 'admin' AND a.active AND a.id <> ?`)
)

// Login is what signing in needs to know of an account.
type Login struct {
	Agent  domain.AgentID
	Hash   string
	Active bool
	Epoch  int
}

// Login finds an account by its address. Errors: NotFound.
func (d *DB) Login(email string) (l Login, err error) {
	err = d.row(login, email).Scan(&l.Agent, &l.Hash, &l.Active, &l.Epoch)
	return l, found(err)
}

// PasswordHash returns the stored hash of an agent's password.
func (d *DB) PasswordHash(id domain.AgentID) (hash string, err error) {
	err = d.row(passwordOf, int64(id)).Scan(&hash)
	return hash, found(err)
}

// Rehash replaces a password hash by one with newer parameters, unless the
// password was changed meanwhile.
func (d *DB) Rehash(id domain.AgentID, old, hash string) error {
	return d.Write(func(tx *Tx) error {
		_, err := tx.exec(setHash, hash, int64(id), old)
		return err
	})
}

// ChangePassword sets a new password hash and ends every session of the agent.
func (d *DB) ChangePassword(by domain.Actor, hash string) error {
	return d.Write(func(tx *Tx) error {
		if _, err := tx.exec(setPassword, hash, int64(by.Agent)); err != nil {
			return err
		}
		if err := tx.endSessions(by.Agent); err != nil {
			return err
		}
		return tx.setting(by, "password")
	})
}

// setting records a change to the team and shows it to everyone.
func (tx *Tx) setting(by domain.Actor, subject string) error {
	tx.directory = true
	e, err := tx.record(by, domain.SettingChanged, nil, domain.Data{Subject: subject})
	if err == nil {
		tx.publish(domain.Change{Event: e, Directory: true})
	}
	return err
}

// SetStatus changes an agent's own status and hands out waiting work when
// that frees a place. cause says what made it change.
func (d *DB) SetStatus(by domain.Actor, s domain.Status, cause string) error {
	if !s.Valid() {
		return domain.Invalid{"status": "status.unknown"}
	}
	if d.Directory().Agents[by.Agent].Status == s {
		return nil
	}
	return d.Write(func(tx *Tx) error {
		if _, err := tx.exec(setStatus, string(s), int64(by.Agent)); err != nil {
			return err
		}
		tx.directory = true
		e, err := tx.record(by, domain.StatusChanged, nil, domain.Data{Agent: by.Agent, Status: s, Cause: cause})
		if err != nil {
			return err
		}
		tx.publish(domain.Change{Event: e, Directory: true})
		return tx.drain()
	})
}

// SetMaximum changes how many conversations the agent takes at once, within
// the ceiling an administrator set. Errors: Invalid.
func (d *DB) SetMaximum(by domain.Actor, n int) error {
	if n < domain.MaximumLeast || n > d.Directory().Agents[by.Agent].Ceiling {
		return domain.Invalid{"maximum": "agent.maximum.range"}
	}
	return d.Write(func(tx *Tx) error {
		if _, err := tx.exec(setMaximum, n, int64(by.Agent)); err != nil {
			return err
		}
		if err := tx.setting(by, "maximum"); err != nil {
			return err
		}
		return tx.drain()
	})
}

// SetProfile changes an agent's own name and choices. Errors: Invalid.
func (d *DB) SetProfile(by domain.Actor, name string, p domain.Prefs) error {
	v := domain.Invalid{}
	v.CheckName("name", name, domain.NameMost)
	if err := v.Err(); err != nil {
		return err
	}
	return d.Write(func(tx *Tx) error {
		if _, err := tx.exec(setPrefs, toJSON(p), name, int64(by.Agent)); err != nil {
			return err
		}
		return tx.setting(by, "profile")
	})
}

// SaveAgent changes an agent's place in the team. Errors: Invalid, NotFound,
// Forbidden when the role grants more than the actor has.
func (d *DB) SaveAgent(by domain.Actor, a domain.Agent) error {
	dir := d.Directory()
	old, ok := dir.Agents[a.ID]
	if !ok {
		return domain.NotFound
	}
	if err := a.Validate(dir.Roles, dir.Groups); err != nil {
		return err
	}
	if !by.CanGrant(dir.Roles[a.Role]) || !by.CanGrant(dir.Roles[old.Role]) || !by.CanLend(a) {
		return domain.Forbidden
	}
	if by.Agent == a.ID && a.Ceiling > old.Ceiling && !by.Can(domain.PermSettings) {
		return domain.Forbidden // nobody lifts a limit of their own
	}
	narrowed := old.Role != a.Role || old.Scope != a.Scope || !a.Active
	return d.Write(func(tx *Tx) error {
		var others int
		if err := tx.row(admins, int64(a.ID)).Scan(&others); err != nil {
			return err
		}
		if others == 0 && (!a.Active || dir.Roles[a.Role].Key != "admin") {
			return domain.Invalid{"role": "agent.last.admin"}
		}
		if _, err := tx.exec(updateAgent, a.Name, int64(a.Role), string(a.Scope), a.Maximum, a.Ceiling, a.Active, narrowed, int64(a.ID)); err != nil {
			return err
		}
		return tx.settleAgent(by, a)
	})
}

// settleAgent stores groups and scope and lets both take effect at once.
func (tx *Tx) settleAgent(by domain.Actor, a domain.Agent) error {
	if err := tx.memberships(a.ID, a.Groups, a.ScopeIn); err != nil {
		return err
	}
	if !a.Active {
		if _, err := tx.exec(setStatus, string(domain.Offline), int64(a.ID)); err != nil {
			return err
		}
		if err := tx.endSessions(a.ID); err != nil {
			return err
		}
	}
	if actor := domain.ActorFor(a, tx.d.Directory().Roles[a.Role]); !a.Active || !actor.Can(domain.PermReply) {
		if err := tx.handBack(a.ID); err != nil { // nobody could answer those customers any more
			return err
		}
	}
	if err := tx.setting(by, "agent"); err != nil {
		return err
	}
	return tx.drain()
}

func (tx *Tx) memberships(id domain.AgentID, groups, scope []domain.GroupID) error {
	if _, err := tx.exec(dropMembers, int64(id)); err != nil {
		return err
	}
	if _, err := tx.exec(dropScopes, int64(id)); err != nil {
		return err
	}
	for _, g := range groups {
		if _, err := tx.exec(addMember, int64(g), int64(id)); err != nil {
			return err
		}
	}
	for _, g := range scope {
		if _, err := tx.exec(addScope, int64(id), int64(g)); err != nil {
			return err
		}
	}
	return nil
}

var openOf = read(`SELECT ` + conversationColumns + conversationFrom + `WHERE c.state = 'open' AND c.agent_id = ? ORDER BY c.id`)

// handBack returns a leaving agent's open conversations to the queue.
func (tx *Tx) handBack(id domain.AgentID) error {
	held, err := scanConversations(tx.rows(openOf, int64(id)))
	if err != nil {
		return err
	}
	for _, c := range held {
		was := *c
		c.Requeue()
		if err := tx.save(c); err != nil {
			return err
		}
		if err := tx.disarm(silence, int64(c.ID)); err != nil {
			return err
		}
		if err := tx.announce(domain.System, domain.WasQueued, c, was, domain.Data{Reason: "left"}); err != nil {
			return err
		}
		tx.publish(domain.Change{QueueMoved: true})
	}
	return nil
}

// OrderAgents sets the order in which equals receive conversations.
func (d *DB) OrderAgents(by domain.Actor, ids []domain.AgentID) error {
	return d.Write(func(tx *Tx) error {
		for i, id := range ids {
			if _, err := tx.exec(setPosition, i+1, int64(id)); err != nil {
				return err
			}
		}
		return tx.setting(by, "order")
	})
}

// addAgent creates an account. Errors: Invalid when the address is taken.
func (tx *Tx) addAgent(email, hash string, a domain.Agent) (domain.AgentID, error) {
	id, err := tx.insert(insertAgent, email, a.Name, hash, int64(a.Role), string(a.Scope), a.Maximum, a.Ceiling, ms(tx.now))
	if isUnique(err, "agents.email") {
		return 0, domain.Invalid{"email": "agent.email.taken"}
	}
	if err != nil {
		return 0, err
	}
	tx.directory = true
	return domain.AgentID(id), tx.memberships(domain.AgentID(id), a.Groups, a.ScopeIn)
}

// SignedIn records a sign-in, from which address, and clears the throttle.
func (d *DB) SignedIn(by domain.Actor, address string, keys ...string) error {
	return d.Write(func(tx *Tx) error {
		for _, k := range keys {
			if _, err := tx.exec(dropThrottle, k); err != nil {
				return err
			}
		}
		_, err := tx.record(by, domain.SignedIn, nil, domain.Data{Agent: by.Agent, Subject: address})
		return err
	})
}

// SignedOut records that an agent left and takes the agent off duty.
func (d *DB) SignedOut(by domain.Actor) error {
	return errors.Join(
		d.SetStatus(by, domain.Offline, "signed_out"),
		d.Write(func(tx *Tx) error {
			_, err := tx.record(by, domain.SignedOut, nil, domain.Data{Agent: by.Agent})
			return err
		}))
}
