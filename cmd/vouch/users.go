package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"vouch/api/password"
	"vouch/engine"
	"vouch/engine/store"
)

// usersCmd groups what whoever runs vouch does with accounts, past the server.
type usersCmd struct {
	List          usersListCmd   `cmd:"" default:"withargs" help:"List the members of the workspace."`
	Invite        usersInviteCmd `cmd:"" help:"Invite somebody to the workspace; prints the secret, once."`
	Role          usersRoleCmd   `cmd:"" help:"Make a user a member of the workspace, or change what they are there."`
	Disable       usersShutCmd   `cmd:"" help:"Keep a user from signing in, and end their sessions."`
	Enable        usersOpenCmd   `cmd:"" help:"Let a disabled user sign in again."`
	ResetPassword usersResetCmd  `cmd:"" help:"Give a user another password, read from the terminal or standard input."`
}

// openAccounts opens a database that exists, with the use cases of accounts.
func openAccounts(ctx context.Context, g *global) (*store.Store, *engine.Accounts, error) {
	s, err := openExisting(ctx, g, "there is no data in %s yet, and nobody has an account; \"vouch serve\" begins both")
	if err != nil {
		return nil, nil, err
	}
	a, err := newAccounts(s)
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return s, a, nil
}

func newAccounts(s *store.Store) (*engine.Accounts, error) {
	hasher, err := password.New(password.Default(), 0)
	if err != nil {
		return nil, err
	}
	return &engine.Accounts{Store: s, Passwords: hasher}, nil
}

// usersError says what is wrong with what was asked for, in its own words.
func usersError(email string, err error) error {
	switch {
	case errors.Is(err, engine.ErrNotFound):
		return usageError(fmt.Sprintf("nobody has an account with the address %s; \"vouch users list\" shows the members of the workspace", email))
	case errors.Is(err, engine.ErrNoWorkspace):
		return usageError("there is no such workspace; check --workspace")
	}
	for _, known := range []error{
		engine.ErrEmail, engine.ErrMember, engine.ErrNoAdmin, engine.ErrPasswordShort, engine.ErrPasswordLong, engine.ErrPasswordText,
		engine.ErrPasswordPerson, engine.ErrPasswordCommon,
	} {
		if errors.Is(err, known) {
			return usageError(known.Error())
		}
	}
	return err
}

// usersListCmd lists members.
type usersListCmd struct {
	Format string `help:"table for people or json for programs." enum:"table,json" default:"table"`
}

// Run is called by kong.
func (c *usersListCmd) Run(ctx context.Context, g *global, t *terminal) error {
	s, _, err := openAccounts(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := s.Members(ctx, g.Workspace, engine.MemberFilter{})
	if err != nil {
		return err
	}
	if c.Format == "json" {
		return writeJSON(t.out, append([]engine.Member{}, list...))
	}
	tab := table{head: []string{"address", "role", "since (UTC)", "signs in", "name"}}
	for i := range list {
		m := &list[i]
		tab.add(m.User.Email, string(m.Role), m.Since.UTC().Format(time.DateTime), signsIn(&m.User), m.User.Name)
	}
	tab.write(t.out)
	if !g.Quiet {
		fmt.Fprintln(t.err, count(len(list), "member", "members"))
	}
	return nil
}

// signsIn says how a user does.
func signsIn(u *engine.User) string {
	switch {
	case u.Disabled:
		return "no: disabled"
	case u.Subject != "" && u.Password != "":
		return "password, provider"
	case u.Subject != "":
		return "provider"
	}
	return "password"
}

// usersInviteCmd invites somebody.
type usersInviteCmd struct {
	Email string `arg:"" help:"The address of the person."`
	Role  string `help:"What they will be: ${enum}." enum:"viewer,contributor,reviewer,admin" default:"contributor" placeholder:"ROLE"`
}

// Help is shown by kong below the flags.
func (c *usersInviteCmd) Help() string {
	return `The secret is good for one account with this address, for seven days. Hand it to the person yourself; whoever has it can accept, at /api/v1/invitations/accept of the server. An earlier invitation of the address is withdrawn. It is made in the name of the workspace's first admin, and ends with their right to invite.`
}

// Run is called by kong.
func (c *usersInviteCmd) Run(ctx context.Context, g *global, t *terminal) error {
	s, a, err := openAccounts(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	i, secret, err := a.InviteForAdmin(ctx, g.Workspace, c.Email, engine.Role(c.Role))
	if err != nil {
		return usersError(c.Email, err)
	}
	fmt.Fprintln(t.out, secret)
	if !g.Quiet {
		fmt.Fprintf(t.err, "%s is invited to %s as %s, until %s UTC. The secret is shown this once.\n", i.Email, g.Workspace, i.Role, i.ExpiresAt.UTC().Format(time.DateTime))
	}
	return nil
}

// usersRoleCmd gives a role.
type usersRoleCmd struct {
	Email string `arg:"" help:"The address of the user."`
	Role  string `arg:"" help:"What they are to be: ${enum}." enum:"viewer,contributor,reviewer,admin"`
}

// Run is called by kong.
func (c *usersRoleCmd) Run(ctx context.Context, g *global, t *terminal) error {
	s, a, err := openAccounts(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	m, err := a.GiveRole(ctx, g.Workspace, c.Email, engine.Role(c.Role))
	if err != nil {
		return usersError(c.Email, err)
	}
	if !g.Quiet {
		fmt.Fprintf(t.err, "%s is %s in %s.\n", engine.FoldEmail(c.Email), m.Role, g.Workspace)
	}
	return nil
}

// usersShutCmd disables a user.
type usersShutCmd struct {
	Email string `arg:"" help:"The address of the user."`
}

// Run is called by kong.
func (c *usersShutCmd) Run(ctx context.Context, g *global, t *terminal) error {
	return shut(ctx, g, t, c.Email, true)
}

// usersOpenCmd lets a user in again.
type usersOpenCmd struct {
	Email string `arg:"" help:"The address of the user."`
}

// Run is called by kong.
func (c *usersOpenCmd) Run(ctx context.Context, g *global, t *terminal) error {
	return shut(ctx, g, t, c.Email, false)
}

func shut(ctx context.Context, g *global, t *terminal, email string, disabled bool) error {
	s, a, err := openAccounts(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	u, err := a.Shut(ctx, email, disabled)
	switch {
	case err != nil:
		return usersError(email, err)
	case g.Quiet:
	case disabled:
		fmt.Fprintf(t.err, "%s cannot sign in, in any workspace. Their sessions have ended, and their tokens work for nothing.\n", u.Email)
	default:
		fmt.Fprintf(t.err, "%s can sign in again.\n", u.Email)
	}
	return nil
}

// usersResetCmd gives a user another password.
type usersResetCmd struct {
	Email string `arg:"" help:"The address of the user."`
}

// Help is shown by kong below the flags.
func (c *usersResetCmd) Help() string {
	return `The password is asked for on the terminal, or else is the first line of standard input: a flag would be seen by everyone who lists processes. All sessions of the user end, and they need not wait any more if too many sign-ins have failed.`
}

// Run is called by kong.
func (c *usersResetCmd) Run(ctx context.Context, g *global, t *terminal) error {
	s, a, err := openAccounts(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	next, err := readPassword(t)
	if err != nil {
		return err
	}
	u, err := a.ResetPassword(ctx, c.Email, next)
	if err != nil {
		return usersError(c.Email, err)
	}
	if !g.Quiet {
		fmt.Fprintf(t.err, "%s has another password, and is signed in nowhere.\n", u.Email)
	}
	return nil
}

// readPassword reads a password, without showing it.
func readPassword(t *terminal) (string, error) {
	if f, ok := t.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(t.err, "New password: ")
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(t.err)
		return string(b), err
	}
	if t.in == nil {
		return "", usageError("there is no standard input to read the password from")
	}
	line, err := bufio.NewReader(io.LimitReader(t.in, 1<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", usageError("standard input holds no password; write it in the first line")
	}
	return line, nil
}
