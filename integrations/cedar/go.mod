module github.com/safeconduct/safeconduct/integrations/cedar

go 1.26.0

require (
	github.com/cedar-policy/cedar-go v1.9.2
	github.com/safeconduct/safeconduct v0.0.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/oklog/ulid/v2 v2.1.2 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/exp v0.0.0-20220921023135-46d9e7742f1e // indirect
)

replace github.com/safeconduct/safeconduct => ../..
