-- +goose Up
-- Times are UTC milliseconds, 0 means never. Lists and ids in JSON columns are arrays.

CREATE TABLE team (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE roles (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  grants TEXT NOT NULL
) STRICT;

CREATE TABLE groups (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL COLLATE NOCASE UNIQUE,
  position INTEGER NOT NULL
) STRICT;

CREATE TABLE agents (
  id INTEGER PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password TEXT NOT NULL,
  role_id INTEGER NOT NULL REFERENCES roles,
  scope TEXT NOT NULL CHECK (scope IN ('self', 'groups', 'all')),
  status TEXT NOT NULL CHECK (status IN ('online', 'busy', 'away', 'offline')),
  maximum INTEGER NOT NULL CHECK (maximum BETWEEN 1 AND 100),
  ceiling INTEGER NOT NULL CHECK (ceiling BETWEEN 1 AND 100),
  position INTEGER NOT NULL,
  epoch INTEGER NOT NULL DEFAULT 0,
  prefs TEXT NOT NULL DEFAULT '{}',
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE group_members (
  group_id INTEGER NOT NULL REFERENCES groups,
  agent_id INTEGER NOT NULL REFERENCES agents,
  PRIMARY KEY (group_id, agent_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE scope_groups (
  agent_id INTEGER NOT NULL REFERENCES agents,
  group_id INTEGER NOT NULL REFERENCES groups,
  PRIMARY KEY (agent_id, group_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE invites (
  id INTEGER PRIMARY KEY,
  token_hash BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role_id INTEGER NOT NULL REFERENCES roles,
  scope TEXT NOT NULL CHECK (scope IN ('self', 'groups', 'all')),
  groups TEXT NOT NULL,
  created_by INTEGER NOT NULL REFERENCES agents,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sites (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  group_id INTEGER NOT NULL REFERENCES groups,
  domains TEXT NOT NULL DEFAULT '[]',
  brand TEXT NOT NULL DEFAULT 'cobalt',
  side TEXT NOT NULL DEFAULT 'right' CHECK (side IN ('right', 'left')),
  greeting TEXT NOT NULL DEFAULT '',
  silence INTEGER NOT NULL DEFAULT 30 CHECK (silence BETWEEN 0 AND 10080),
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE customers (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE visitors (
  id INTEGER PRIMARY KEY,
  token_hash BLOB NOT NULL UNIQUE,
  site_id INTEGER NOT NULL REFERENCES sites,
  customer_id INTEGER NOT NULL REFERENCES customers,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE visits (
  id INTEGER PRIMARY KEY,
  visitor_id INTEGER NOT NULL REFERENCES visitors,
  page TEXT NOT NULL,
  title TEXT NOT NULL,
  referrer TEXT NOT NULL,
  language TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  ip TEXT NOT NULL,
  started_at INTEGER NOT NULL
) STRICT;

CREATE TABLE conversations (
  id INTEGER PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES sites,
  visitor_id INTEGER NOT NULL REFERENCES visitors,
  customer_id INTEGER NOT NULL REFERENCES customers,
  visit_id INTEGER NOT NULL REFERENCES visits,
  group_id INTEGER NOT NULL REFERENCES groups,
  agent_id INTEGER REFERENCES agents,
  state TEXT NOT NULL CHECK (state IN ('queued', 'open', 'ended')),
  started_at INTEGER NOT NULL,
  assigned_at INTEGER NOT NULL DEFAULT 0,
  first_reply_at INTEGER NOT NULL DEFAULT 0,
  ended_at INTEGER NOT NULL DEFAULT 0,
  end_reason TEXT NOT NULL DEFAULT '' CHECK (end_reason IN ('', 'agent', 'visitor', 'silence')),
  last_id INTEGER NOT NULL DEFAULT 0,
  last_at INTEGER NOT NULL DEFAULT 0,
  last_by TEXT NOT NULL DEFAULT '',
  last_author INTEGER NOT NULL DEFAULT 0,
  preview TEXT NOT NULL DEFAULT '',
  waiting_since INTEGER NOT NULL DEFAULT 0,
  unread INTEGER NOT NULL DEFAULT 0,
  unread_out INTEGER NOT NULL DEFAULT 0,
  read_by_agent INTEGER NOT NULL DEFAULT 0,
  read_by_visitor INTEGER NOT NULL DEFAULT 0,
  CHECK ((state = 'queued') <= (agent_id IS NULL)),
  CHECK ((state = 'open') <= (agent_id IS NOT NULL))
) STRICT;

-- One running conversation per visitor, whatever races.
CREATE UNIQUE INDEX conversations_running ON conversations (visitor_id) WHERE state <> 'ended';
CREATE INDEX conversations_visitor ON conversations (visitor_id, id);
CREATE INDEX conversations_customer ON conversations (customer_id, id);
CREATE INDEX conversations_open ON conversations (agent_id) WHERE state = 'open';
CREATE INDEX conversations_queue ON conversations (group_id, id) WHERE state = 'queued';
CREATE INDEX conversations_ended ON conversations (agent_id, ended_at) WHERE state = 'ended';

CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor_kind TEXT NOT NULL CHECK (actor_kind IN ('visitor', 'agent', 'system')),
  actor_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  conversation_id INTEGER REFERENCES conversations,
  customer_id INTEGER REFERENCES customers,
  data TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX events_conversation ON events (conversation_id, id) WHERE conversation_id IS NOT NULL;

-- A message has the id of the event that records it.
CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  conversation_id INTEGER NOT NULL REFERENCES conversations,
  author_kind TEXT NOT NULL CHECK (author_kind IN ('visitor', 'agent', 'system')),
  author_id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('text', 'note')),
  client_id TEXT,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
-- Unique per author rather than per conversation: a retry that arrives after
-- the conversation ended must find the message, not start another one.
CREATE UNIQUE INDEX messages_client ON messages (author_id, client_id, author_kind) WHERE client_id IS NOT NULL;

CREATE TABLE mentions (
  agent_id INTEGER NOT NULL REFERENCES agents,
  conversation_id INTEGER NOT NULL REFERENCES conversations,
  message_id INTEGER NOT NULL REFERENCES messages,
  PRIMARY KEY (agent_id, conversation_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE due (
  kind TEXT NOT NULL,
  subject INTEGER NOT NULL,
  at INTEGER NOT NULL,
  generation INTEGER NOT NULL DEFAULT 1,
  attempts INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX due_at ON due (at);

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  delivery TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'parked')),
  error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_waiting ON outbox (next_at) WHERE state = 'waiting';

CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY,
  agent_id INTEGER NOT NULL,
  data BLOB NOT NULL,
  seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE throttles (
  key TEXT PRIMARY KEY,
  failures INTEGER NOT NULL,
  last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Everything up to the watermark is in the index.
CREATE TABLE search_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  watermark INTEGER NOT NULL
) STRICT;
INSERT INTO search_state VALUES (1, 0);

CREATE VIRTUAL TABLE message_index USING fts5(
  body, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2'
);
