# Shared by scripts/run and scripts/test: brings what is missing, says what it does, does nothing twice.

say() { printf '→ %s\n' "$*" >&2; }
die() { printf '✗ %s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "Cần quyền root để cài gói Debian. Chạy lại với root, hoặc cài sudo. (Root is needed to install Debian packages: run again as root, or install sudo.)"
  fi
}

# need_packages PROGRAM=PACKAGE…: installs the packages whose program is missing (a path checks for a file).
need_packages() {
  local missing=() pair program package
  for pair in "$@"; do
    program=${pair%%=*} package=${pair#*=}
    case $program in
      /*) [ -e "$program" ] || missing+=("$package") ;;
      *) command -v "$program" >/dev/null || missing+=("$package") ;;
    esac
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "Thiếu: ${missing[*]}. Máy này không có apt-get, hãy tự cài. (Missing packages and no apt-get here: install them by hand.)"
  say "Cài gói Debian: ${missing[*]} (installing Debian packages)"
  local log; log=$(mktemp)
  { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 \
    || { tail -n 15 "$log" >&2; die "apt-get không cài được ${missing[*]}. Kiểm tra mạng rồi chạy lại. (apt-get failed: check the network, then run again.)"; }
  rm -f "$log"
}

# The RTSP server of the demo camera and of the tests: GStreamer from Debian, driven by Debian's Python.
typelibs=/usr/lib/$(uname -m)-linux-gnu/girepository-1.0
plugins=/usr/lib/$(uname -m)-linux-gnu/gstreamer-1.0
RTSP_PACKAGES="/usr/lib/python3/dist-packages/gi=python3-gi $typelibs/GstRtspServer-1.0.typelib=gir1.2-gst-rtsp-server-1.0
  $typelibs/Gst-1.0.typelib=gir1.2-gstreamer-1.0 $typelibs/GstVideo-1.0.typelib=gir1.2-gst-plugins-base-1.0
  $plugins/libgstvideotestsrc.so=gstreamer1.0-plugins-base $plugins/libgstrtp.so=gstreamer1.0-plugins-good
  $plugins/libgstvideoparsersbad.so=gstreamer1.0-plugins-bad $plugins/libgstx264.so=gstreamer1.0-plugins-ugly
  $plugins/libgstpango.so=gstreamer1.0-x"

need_node() {
  command -v npm >/dev/null || die "Chưa có npm. Cài Node.js 20 trở lên cùng npm. (npm is missing: install Node.js 20 or later.)"
  local major; major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 20 ] || die "Node.js $major quá cũ, cần 20 trở lên để chạy npm. (Node.js $major is too old: npm needs 20 or later.)"
}

# The pinned Node 26 and every library, exactly as in package-lock.json. A changed lockfile installs anew.
need_libraries() {
  local want; want=$(sha256sum package-lock.json | cut -d' ' -f1)
  [ "$(cat node_modules/.installed 2>/dev/null)" = "$want" ] && return 0
  say "Cài thư viện theo package-lock.json (installing libraries, about a minute)"
  local log; log=$(mktemp)
  # npm runs on the machine's own Node, so it warns of packages that want the pinned one: exactly that is silenced.
  if npm ci >"$log" 2>&1; then grep -v -e EBADENGINE -e '^$' "$log" | tail -n 3 >&2 || true
  else grep 'npm error' "$log" | head -n 12 >&2; die "npm ci thất bại. Kiểm tra mạng rồi chạy lại. (npm ci failed: check the network, then run again.)"
  fi
  rm -f "$log"
  node_modules/.bin/node --version >/dev/null || die "Không có Node 26 cho máy $(uname -m). (No pinned Node for this machine: only x86_64 and aarch64 Linux.)"
  printf '%s\n' "$want" >node_modules/.installed
}

# The page of the panel is the one thing that is built; rebuilt when its sources change.
need_panel() {
  local want; want=$(find src/panel/ui scripts/quality/vite.config.ts package-lock.json -type f -not -path '*/dist/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
  [ "$(cat src/panel/ui/dist/.built 2>/dev/null)" = "$want" ] && return 0
  say "Dựng trang bảng điều khiển (building the panel's page)"
  local log; log=$(mktemp)
  npm run --silent panel:build >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "Không dựng được trang. (The page could not be built.)"; }
  rm -f "$log"
  printf '%s\n' "$want" >src/panel/ui/dist/.built
}
