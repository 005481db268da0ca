package db

import (
	"crypto/sha256"
	"database/sql"

	"parlor/domain"
)

var (
	insertInvite = change(`INSERT INTO invites (token_hash, name, role_id, scope, groups, created_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
	dropInvite   = change(`DELETE FROM invites WHERE id = ?`)
	findInvite   = read(`SELECT id, name, role_id, scope, groups, created_by, expires_at FROM invites WHERE token_hash = ? AND expires_at > ?`)
	allInvites   = read(`SELECT id, name, role_id, scope, groups, created_by, expires_at FROM invites WHERE expires_at > ? ORDER BY id`)
)

func scanInvite(r scanner) (i domain.Invite, err error) {
	var expires int64
	err = r.Scan(&i.ID, &i.Name, &i.Role, &i.Scope, asJSON{&i.Groups}, &i.By, &expires)
	i.Expires = at(expires)
	return i, found(err)
}

// Invite stores an invitation under the hash of token. When mail is not empty
// the link is also put into the outbox for that address, in the same
// transaction. Errors: Forbidden, Invalid.
func (d *DB) Invite(by domain.Actor, i domain.Invite, token string, mail *Mail) error {
	dir := d.Directory()
	a := i.Agent("")
	if err := a.Validate(dir.Roles, dir.Groups); err != nil {
		return err
	}
	if !by.CanGrant(dir.Roles[i.Role]) || !by.CanLend(a) {
		return domain.Forbidden
	}
	hash := sha256.Sum256([]byte(token))
	return d.Write(func(tx *Tx) error {
		if _, err := tx.insert(insertInvite, hash[:], i.Name, int64(i.Role), string(i.Scope), toJSON(i.Groups),
			int64(by.Agent), ms(tx.now), ms(tx.now.Add(domain.InviteLife))); err != nil {
			return err
		}
		if mail != nil {
			if err := tx.enqueue("mail", toJSON(mail)); err != nil {
				return err
			}
		}
		return tx.setting(by, "invite")
	})
}

// Invites returns the open invitations.
func (d *DB) Invites() ([]domain.Invite, error) {
	rows, err := d.rows(allInvites, ms(d.clock()))
	return collect(rows, err, func(r *sql.Rows) (domain.Invite, error) { return scanInvite(r) })
}

// InviteByToken returns the open invitation of a link. Errors: NotFound.
func (d *DB) InviteByToken(token string) (domain.Invite, error) { return d.inviteBy(d, token) }

func (d *DB) inviteBy(src source, token string) (domain.Invite, error) {
	hash := sha256.Sum256([]byte(token))
	return scanInvite(src.row(findInvite, hash[:], ms(d.clock())))
}

// Join uses an invitation up and creates the account. Errors: NotFound, Invalid.
func (d *DB) Join(token, name, email, hash string) (id domain.AgentID, err error) {
	err = d.Write(func(tx *Tx) error {
		i, err := d.inviteBy(tx, token)
		if err != nil {
			return err
		}
		if id, err = tx.addAgent(email, hash, i.Agent(name)); err != nil {
			return err
		}
		if _, err := tx.exec(dropInvite, i.ID); err != nil {
			return err
		}
		return tx.setting(domain.Actor{Kind: domain.ByAgent, Agent: id}, "joined")
	})
	return id, err
}

// Revoke makes an invitation useless.
func (d *DB) Revoke(by domain.Actor, id int64) error {
	return d.Write(func(tx *Tx) error {
		if _, err := tx.exec(dropInvite, id); err != nil {
			return err
		}
		return tx.setting(by, "invite")
	})
}
