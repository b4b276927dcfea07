package credential

import (
	"errors"
	"fmt"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Value is one JSON value of a strictly parsed document: a small, comparable,
// immutable handle. Its methods are Kind, Exists, Raw (the received text),
// Str, LookupStr, Bool, Int, Len, Get, Members, Items, Path and a few more.
// The zero Value is absent.
type Value = strictjson.Value

// ParseValue parses one JSON text strictly, for use in a [Credential] that is
// to be signed: an extension member, a subject of a kind of its own.
func ParseValue(text string) (Value, error) {
	v, err := strictjson.Parse(text, limits.Default().JSON(limits.Default().DocumentBytes))
	if err != nil {
		return Value{}, parseError(err)
	}
	return v, nil
}

// ParseMessage parses a JSON message of another protocol as strictly, such as a
// call whose digest an agent signs: no duplicate names, no invalid UTF-8, nothing
// after the value. It has at most that many bytes, 64 MiB at most; a string may be
// as long as the message, and an array as long as 16,384 items of all arrays and
// objects allow. The errors are envelope.malformed and envelope.too_large.
func ParseMessage(text string, most int) (Value, error) {
	top := limits.Max()
	caps := top.JSON(min(most, top.HTTPBodyBytes))
	caps.StringBytes, caps.ArrayLength, caps.KeyBytes = caps.Bytes, caps.Members, caps.Bytes
	v, err := strictjson.Parse(text, caps)
	if err != nil {
		return Value{}, parseError(err)
	}
	return v, nil
}

// CanonicalJSON returns the canonical form of a value, as RFC 8785 (JCS) has it; nil of
// an absent one. Two numbers that are the same float64 have the same form:
// Value.InexactNumber finds those that other readers would not keep.
func CanonicalJSON(v Value) []byte { return jcs.Append(nil, v) }

// Error is a refusal: Code, Path (a JSON Pointer), Detail, and, where they
// apply, Limit, Actual, Hint and the cause Err. errors.Is(err, code) holds for
// its own code; the codes are listed in package verify.
type Error = code.Error

func parseError(err error) error {
	var e *strictjson.Error
	if errors.As(err, &e) && e.Limit != "" {
		return &Error{Code: code.EnvelopeTooLarge, Err: err}
	}
	return &Error{Code: code.EnvelopeMalformed, Err: err}
}

func malformed(at Value, format string, args ...any) error {
	return &Error{Code: code.EnvelopeMalformed, Path: at.Path(), Detail: fmt.Sprintf(format, args...)}
}

func fault(c code.Code, path, format string, args ...any) error {
	return &Error{Code: c, Path: path, Detail: fmt.Sprintf(format, args...)}
}
