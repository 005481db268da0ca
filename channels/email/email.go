// Package email carries deliveries out by SMTP.
package email

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"
)

// Message is one mail for one recipient. ID stays the same over attempts.
type Message struct{ ID, To, Subject, Text string }

// Sender returns a function that sends mail through server, an address such
// as smtp://user:password@host:587 (TLS when offered) or smtps://host:465.
// The mail's Message-ID is made of the delivery's id.
func Sender(server, from string) func(context.Context, Message) error {
	return func(ctx context.Context, m Message) error {
		client, err := dial(server)
		if err != nil {
			return err
		}
		msg := mail.NewMsg()
		if err := errors.Join(msg.From(from), msg.To(m.To)); err != nil {
			return err
		}
		msg.SetMessageIDWithValue(m.ID + "@parlor")
		msg.SetGenHeader("Auto-Submitted", "auto-generated")
		msg.Subject(m.Subject)
		msg.SetBodyString(mail.TypeTextPlain, m.Text)
		return client.DialAndSendWithContext(ctx, msg)
	}
}

// attempt bounds one try, so that a hanging server holds nothing up for long.
const attempt = 20 * time.Second

func dial(server string) (*mail.Client, error) {
	u, err := url.Parse(server)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("the mail server's address is not smtp://host:port")
	}
	options := []mail.Option{mail.WithTimeout(attempt), mail.WithTLSPolicy(mail.TLSOpportunistic)}
	if u.Scheme == "smtps" {
		options = append(options, mail.WithSSL())
	}
	if port, err := strconv.Atoi(u.Port()); err == nil {
		options = append(options, mail.WithPort(port))
	}
	if u.User != nil {
		password, _ := u.User.Password()
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
	}
	return mail.NewClient(u.Hostname(), options...)
}
