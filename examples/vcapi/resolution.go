package main

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// The media types of whole results. Those of documents and parts alone are
// documentTypes.
const (
	typeResolution    = "application/did-resolution"
	typeDereferencing = "application/did-url-dereferencing"
	typeOld           = `application/ld+json;profile="https://w3id.org/did-resolution"`
)

// documentTypes are the types under which a document or a part of one is sent alone.
var documentTypes = []string{
	"application/did", "application/did+json", "application/did+ld+json", "application/json", "application/ld+json",
}

// negotiate returns the media type to answer with: the best that Accept names
// and this server has, the result as a whole where anything will do, and "" for
// none of them.
func negotiate(accept []string, dereference bool) string {
	result := typeResolution
	if dereference {
		result = typeDereferencing
	}
	if len(accept) == 0 {
		return result
	}
	best, most := "", 0.0
	for _, entry := range strings.Split(strings.Join(accept, ","), ",") {
		media, parameters, err := mime.ParseMediaType(entry)
		if err != nil {
			continue
		}
		q := 1.0
		if text, ok := parameters["q"]; ok {
			if q, err = strconv.ParseFloat(text, 64); err != nil {
				continue
			}
		}
		offer := ""
		switch {
		case media == "*/*", media == "application/*":
			offer = result
		case media == "application/ld+json" && parameters["profile"] == "https://w3id.org/did-resolution":
			offer = typeOld
		case media == typeResolution, media == typeDereferencing:
			offer = media
		default:
			for _, t := range documentTypes {
				if media == t {
					offer = t
				}
			}
		}
		if offer != "" && q > most {
			best, most = offer, q
		}
	}
	return best
}

// write answers with a result, or with its content alone. What is wrong is told
// in a whole result, whatever was asked for.
func write(w http.ResponseWriter, as string, dereference bool, found resource, err error) {
	content := func() any { // null without content
		if found.content == nil {
			return nil
		}
		return found.content
	}
	whole := func(media, inside string) map[string]any {
		metadata := map[string]any{}
		if f := (fault{}); errors.As(err, &f) {
			metadata["error"] = map[string]any{"type": "https://www.w3.org/ns/did#" + f.name, "title": f.old}
		} else {
			metadata["contentType"] = inside
		}
		if media == typeDereferencing {
			return map[string]any{"dereferencingMetadata": metadata, "contentStream": content(), "contentMetadata": map[string]any{}}
		}
		return map[string]any{"didResolutionMetadata": metadata, "didDocument": content(), "didDocumentMetadata": map[string]any{}}
	}
	result := typeResolution
	if dereference {
		result = typeDereferencing
	}
	f := fault{}
	switch {
	case errors.As(err, &f):
		writeAs(w, f.status, result, whole(result, ""))
	case found.location != "":
		w.Header().Set("Location", found.location)
		w.WriteHeader(http.StatusSeeOther)
	case as == typeDereferencing:
		writeAs(w, http.StatusOK, as, whole(as, as))
	case as == typeResolution:
		writeAs(w, http.StatusOK, as, whole(as, "application/did"))
	default:
		writeAs(w, http.StatusOK, as, found.content)
	}
}

// writeOld answers as the draft of DID Resolution said that the did:key suite
// tests: errors are names, always of status 4xx where the request is at fault.
func writeOld(w http.ResponseWriter, dereference bool, found resource, err error) {
	name, contentType := "didResolutionMetadata", "application/did+ld+json"
	if dereference {
		name, contentType = "didDereferencingMetadata", "application/json"
	}
	answer := map[string]any{
		"@context": "https://w3id.org/did-resolution/v1", "didDocument": nil, "didDocumentMetadata": map[string]any{},
	}
	if f := (fault{}); errors.As(err, &f) {
		answer[name] = map[string]any{"error": f.old}
		if f.status == http.StatusNotImplemented {
			f.status = http.StatusBadRequest
		}
		writeAs(w, f.status, "application/json", answer)
		return
	}
	answer["didDocument"] = found.content
	if dereference {
		answer["content"] = found.content // where that draft has it; the suite looks into didDocument
	}
	answer[name] = map[string]any{"contentType": contentType}
	writeAs(w, http.StatusOK, "application/json", answer)
}

func writeAs(w http.ResponseWriter, status int, media string, v any) {
	w.Header().Set("Content-Type", media)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client is gone
}
