package db

import (
	"parlor/domain"
)

var (
	insertGroup = change(`INSERT INTO groups (name, position) VALUES (?, (SELECT COALESCE(MAX(position), 0) + 1 FROM groups))`)
	renameGroup = change(`UPDATE groups SET name = ? WHERE id = ?`)
	placeGroup  = change(`UPDATE groups SET position = ? WHERE id = ?`)
)

// SaveGroup creates a group, or renames it when it has an id. Errors: Invalid, NotFound.
func (d *DB) SaveGroup(by domain.Actor, g domain.Group) (id domain.GroupID, err error) {
	v := domain.Invalid{}
	v.CheckName("name", g.Name, domain.NameMost)
	if err := v.Err(); err != nil {
		return 0, err
	}
	err = d.Write(func(tx *Tx) error {
		if id, err = tx.saveGroup(g); err != nil {
			return err
		}
		return tx.setting(by, "group")
	})
	return id, err
}

func (tx *Tx) saveGroup(g domain.Group) (domain.GroupID, error) {
	if g.ID == 0 {
		id, err := tx.insert(insertGroup, g.Name)
		return domain.GroupID(id), groupTaken(err)
	}
	r, err := tx.exec(renameGroup, g.Name, int64(g.ID))
	if err != nil {
		return 0, groupTaken(err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return 0, domain.NotFound
	}
	return g.ID, nil
}

func groupTaken(err error) error {
	if isUnique(err, "groups.name") {
		return domain.Invalid{"name": "group.name.taken"}
	}
	return err
}

// OrderGroups sets the order in which groups are listed.
func (d *DB) OrderGroups(by domain.Actor, ids []domain.GroupID) error {
	return d.Write(func(tx *Tx) error {
		for i, id := range ids {
			if _, err := tx.exec(placeGroup, i+1, int64(id)); err != nil {
				return err
			}
		}
		return tx.setting(by, "order")
	})
}
