package verifymcp

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Covers reports what is declared amiss for the tools of a server: those without a Call, which
// nobody may call; Calls for tools that the server does not have; pointers that lead to no
// argument in a tool's input schema, so that what they stand for would never be stated; and
// pointers to an argument with a default, which the SDK fills in behind the guard, so that no
// passport is asked about it. Nil if there is nothing of all this. Ask when the tools are added
// and the middleware is not yet, which may hide them: they are listed by a client of its own,
// over memory.
func (g *Guard) Covers(ctx context.Context, server *mcp.Server) error {
	if g == nil {
		return errors.New("verifymcp: " + notMade)
	}
	there, here := mcp.NewInMemoryTransports()
	asked, err := server.Connect(ctx, there, nil)
	if err != nil {
		return fmt.Errorf("verifymcp: asking the server: %w", err)
	}
	defer func() { _ = asked.Close() }()
	client := mcp.NewClient(&mcp.Implementation{Name: "verifymcp.Covers", Version: "1"}, nil)
	session, err := client.Connect(ctx, here, nil)
	if err != nil {
		return fmt.Errorf("verifymcp: asking the server: %w", err)
	}
	defer func() { _ = session.Close() }()
	var missing []string
	var wrong []error
	lacks := maps.Clone(g.calls.tools)
	for tool, err := range session.Tools(ctx, nil) {
		if err != nil {
			return fmt.Errorf("verifymcp: listing the tools: %w", err)
		}
		call, declared := g.calls.tools[tool.Name]
		if !declared {
			missing = append(missing, tool.Name)
		}
		delete(lacks, tool.Name)
		for _, pointer := range pointers(&call) {
			switch there, filledIn := leads(tool.InputSchema, strings.Split(pointer[1:], "/")); {
			case !there:
				wrong = append(wrong, fmt.Errorf("verifymcp: the pointer %s leads to no argument of the tool %q",
					pointer, tool.Name))
			case filledIn:
				wrong = append(wrong, fmt.Errorf("verifymcp: the pointer %s leads to an argument of the tool %q that has "+
					"a default, which no passport is asked about: want it required", pointer, tool.Name))
			}
		}
	}
	var errs []error
	if slices.Sort(missing); missing != nil {
		errs = append(errs, fmt.Errorf("verifymcp: no Call is declared for the tools %q", missing))
	}
	if len(lacks) > 0 {
		errs = append(errs, fmt.Errorf("verifymcp: the server has no tools %q", slices.Sorted(maps.Keys(lacks))))
	}
	return errors.Join(append(errs, wrong...)...)
}

// pointers are those of a declaration, each once, in order.
func pointers(c *Call) (out []string) {
	texts := slices.AppendSeq([]string{c.Resource, c.Payee, c.Category, c.Rail, c.Region, c.Amount, c.Currency},
		maps.Values(c.Attributes))
	slices.Sort(texts)
	for _, text := range slices.Compact(texts) {
		if strings.HasPrefix(text, "/") {
			out = append(out, text)
		}
	}
	return out
}

// unescape reads a token of a JSON Pointer.
var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// leads reports whether a pointer may find something in what a schema describes, and whether
// what it finds may be a default. Where the schema does not list properties it may find something.
func leads(schema any, tokens []string) (there, filledIn bool) {
	s, _ := schema.(map[string]any)
	_, filledIn = s["default"]
	properties, lists := s["properties"].(map[string]any)
	items, isArray := s["items"]
	inner, further := any(nil), false
	switch {
	case len(tokens) == 0:
		return true, filledIn
	case lists:
		inner, further = properties[unescape.Replace(tokens[0])]
	case isArray:
		_, err := strconv.ParseUint(tokens[0], 10, 31)
		inner, further = items, err == nil
	default:
		switch s["type"] {
		case "string", "number", "integer", "boolean", "null":
			return false, false
		}
		return true, filledIn
	}
	if !further {
		return false, false
	}
	there, deeper := leads(inner, tokens[1:])
	return there, filledIn || deeper
}
