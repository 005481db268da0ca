package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the file at path to this program's schema. Before it changes
// an existing one it leaves a copy beside it; a file newer than the program is
// refused untouched.
func migrate(path string, numbered fs.FS) error {
	conn, err := sql.Open(driverName, dsn(path, "&_journal_mode=WAL&_synchronous=FULL&_txlock=immediate"))
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetMaxOpenConns(1)
	dir, err := fs.Sub(numbered, "migrations")
	if err != nil {
		return err
	}
	steps, err := goose.NewProvider(goose.DialectSQLite3, conn, dir)
	if err != nil {
		return err
	}
	ctx := context.Background()
	have, newest, err := steps.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("cannot read %s as a Parlor database: %w", path, err)
	}
	switch {
	case have == newest:
		return nil
	case have > newest:
		return fmt.Errorf("%s was written by a newer Parlor (schema %d, this program knows %d); run that version or restore an older backup", path, have, newest)
	case have > 0:
		if err := copyBefore(conn, path, have); err != nil {
			return err
		}
	}
	_, err = steps.Up(ctx)
	return err
}

// copyBefore keeps the file as it was at schema version beside it.
func copyBefore(conn *sql.DB, path string, version int64) error {
	to := fmt.Sprintf("%s.before-%d", path, version)
	if err := os.Remove(to); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := private(to); err != nil {
		return err
	}
	if _, err := conn.Exec("VACUUM INTO ?", to); err != nil {
		return fmt.Errorf("cannot keep a copy before the upgrade: %w", err)
	}
	return nil
}
