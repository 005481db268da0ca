package db

import (
	"crypto/sha256"
	"errors"
	"sync"

	"parlor/domain"
)

// Visitor is a browser that has written at least once.
type Visitor struct {
	ID       domain.VisitorID
	Site     domain.SiteID
	Customer domain.CustomerID
}

var (
	visitorByToken = read(`SELECT id, site_id, customer_id FROM visitors WHERE token_hash = ?`)
	visitOf        = read(`SELECT page, title, referrer, language, user_agent, ip FROM visits WHERE id = ?`)
	insertVisitor  = change(`INSERT INTO visitors (token_hash, site_id, customer_id, created_at) VALUES (?, ?, ?, ?)`)
	insertCustomer = change(`INSERT INTO customers (code, created_at) VALUES (?, ?)`)
	insertVisit    = change(`INSERT INTO visits (visitor_id, page, title, referrer, language, user_agent, ip, started_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
	insertStart    = change(`INSERT INTO conversations (site_id, visitor_id, customer_id, visit_id, group_id, state, started_at)
		VALUES (?, ?, ?, ?, ?, 'queued', ?)`)
)

// visitorCacheMost bounds the visitors remembered by their token.
const visitorCacheMost = 20_000

// visitorCache spares the message path a query. Visitors never change, so an
// entry is never wrong.
type visitorCache struct {
	mu   sync.RWMutex
	seen map[[32]byte]Visitor
}

func (c *visitorCache) get(k [32]byte) (Visitor, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	v, ok := c.seen[k]
	return v, ok
}

func (c *visitorCache) put(k [32]byte, v Visitor) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil || len(c.seen) >= visitorCacheMost {
		c.seen = map[[32]byte]Visitor{}
	}
	c.seen[k] = v
}

// Visitor finds a visitor of a site by the token its browser holds. Only a
// hash of the token is stored. Errors: NotFound.
func (d *DB) Visitor(site domain.SiteID, token string) (Visitor, error) {
	hash := sha256.Sum256([]byte(token))
	v, ok := d.visitors.get(hash)
	if !ok {
		if err := d.row(visitorByToken, hash[:]).Scan(&v.ID, &v.Site, &v.Customer); err != nil {
			return v, found(err)
		}
		d.visitors.put(hash, v)
	}
	if v.Site != site {
		return Visitor{}, domain.NotFound
	}
	return v, nil
}

// Opening is a visitor's message together with what is needed to start a
// conversation when none is running.
type Opening struct {
	Site    domain.Site
	Visitor Visitor // zero for a browser that writes for the first time
	Token   string  // the token such a browser will hold
	Code    string  // the code its customer will be told apart by
	Visit   domain.Visit
	Draft   domain.Draft
}

// Say stores a visitor's message. It continues the running conversation or
// starts, and routes, a new one. Errors: Invalid, Conflict.
func (d *DB) Say(o Opening) (v Visitor, m domain.Message, err error) {
	if err := o.Draft.Validate(); err != nil {
		return o.Visitor, m, err
	}
	err = d.Write(func(tx *Tx) error {
		v = o.Visitor
		if v.ID == 0 {
			if v, err = tx.visitor(o); err != nil {
				return err
			}
		}
		m, err = tx.say(o, v)
		return err
	})
	return v, m, err
}

func (tx *Tx) say(o Opening, v Visitor) (domain.Message, error) {
	by := domain.Actor{Kind: domain.ByVisitor, Visitor: v.ID}
	c, err := tx.running(v.ID)
	if err == nil {
		return tx.post(by, c, o.Draft)
	}
	if !errors.Is(err, domain.NotFound) {
		return domain.Message{}, err
	}
	if m, err := tx.repeated(by, o.Draft); !errors.Is(err, domain.NotFound) {
		return m, err // a retry of what an ended conversation already holds
	}
	if c, err = tx.start(o, v); err != nil {
		return domain.Message{}, err
	}
	m, err := tx.post(by, c, o.Draft)
	if err != nil {
		return m, err
	}
	return m, tx.receive(c)
}

// visitor is the browser that will hold the opening's token. Its first messages
// may arrive together, or one of them twice. Errors: NotFound on another site.
func (tx *Tx) visitor(o Opening) (v Visitor, err error) {
	hash := sha256.Sum256([]byte(o.Token))
	err = found(tx.row(visitorByToken, hash[:]).Scan(&v.ID, &v.Site, &v.Customer))
	switch {
	case errors.Is(err, domain.NotFound):
		return tx.newVisitor(o, hash)
	case err == nil && v.Site != o.Site.ID:
		return v, domain.NotFound
	}
	return v, err
}

func (tx *Tx) newVisitor(o Opening, hash [32]byte) (Visitor, error) {
	customer, err := tx.insert(insertCustomer, o.Code, ms(tx.now))
	if err != nil {
		return Visitor{}, err
	}
	id, err := tx.insert(insertVisitor, hash[:], int64(o.Site.ID), customer, ms(tx.now))
	if err != nil {
		return Visitor{}, err
	}
	v := Visitor{ID: domain.VisitorID(id), Site: o.Site.ID, Customer: domain.CustomerID(customer)}
	tx.after = append(tx.after, func() { tx.d.visitors.put(hash, v) })
	return v, nil
}

// start creates the conversation, still without a place.
func (tx *Tx) start(o Opening, v Visitor) (*domain.Conversation, error) {
	w := o.Visit
	visit, err := tx.insert(insertVisit, int64(v.ID), w.Page, w.Title, w.Referrer, w.Language, w.UserAgent, w.IP, ms(tx.now))
	if err != nil {
		return nil, err
	}
	id, err := tx.insert(insertStart, int64(o.Site.ID), int64(v.ID), int64(v.Customer), visit, int64(o.Site.Group), ms(tx.now))
	if err != nil {
		return nil, err
	}
	return scanConversation(tx.row(anyConversation, id))
}

// VisitOf returns what was known of the stay that started a conversation.
func (d *DB) VisitOf(c *domain.Conversation) (v domain.Visit, err error) {
	err = d.row(visitOf, c.Visit).Scan(&v.Page, &v.Title, &v.Referrer, &v.Language, &v.UserAgent, &v.IP)
	return v, found(err)
}
