#!/usr/bin/python3
"""A synthetic camera's streams over RTSP: for the demo, and as the counterpart of the tests.

Needs Debian's python3-gi and gir1.2-gst-rtsp-server-1.0. A mount encodes only while somebody watches it, once however
many watch. Prints one line `ready port=N` when it listens. User and password come by RTSP_USER and RTSP_PASSWORD, so
that no process list shows them.
"""

import argparse
import ctypes
import os
import signal
import sys
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

ROLE = "viewer"
PR_SET_PDEATHSIG = 1
RESIZE_EVERY_SEC = 4
RESIZE_BETWEEN = ((640, 360), (480, 270))
# On grey: a ball on black is too near to a black picture.
BALL = "ball background-color=0xff4f6d7a"
SMALL = "width=640,height=360,framerate=10/1"
CLOCK_COLUMNS = 16
CLOCK_UNIT_MS = 10
WHITE, BLACK = b"\xeb", b"\x10"


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", default="8554", help="0: the system picks one")
    parser.add_argument("--auth", choices=("none", "basic", "digest"), default="none")
    parser.add_argument("--label", default="", help="burnt into every picture")
    parser.add_argument("--main-size", default="1920x1080", help="of /h264 and /noisy")
    parser.add_argument("--udp-only", action="store_true", help="refuse streams over TCP")
    parser.add_argument("--with-parent", action="store_true", help="end when the starting process ends")
    return parser.parse_args()


def h264(kbps, key_every, profile, pay=0):
    return (
        f"x264enc name=enc tune=zerolatency speed-preset=ultrafast threads=1 bitrate={kbps} key-int-max={key_every} "
        f"! video/x-h264,profile={profile} ! h264parse config-interval=-1 ! rtph264pay name=pay{pay} pt=96"
    )


def h265(kbps, key_every):
    # pools=none keeps x265 to one thread; it would take every core.
    return (
        f"x265enc tune=zerolatency speed-preset=ultrafast bitrate={kbps} key-int-max={key_every} "
        'option-string="pools=none:frame-threads=1:log-level=none" '
        "! h265parse config-interval=-1 ! rtph265pay name=pay0 pt=96"
    )


def picture(pattern, caps, overlay=""):
    return f"videotestsrc is-live=true pattern={pattern} ! video/x-raw,format=I420,{caps} {overlay} ! "


def launch_lines(args):
    """Mount → the part of a pipeline that makes it."""
    width, height = (int(part) for part in args.main_size.split("x"))
    full = f"width={width},height={height},framerate=15/1"
    label = f' ! textoverlay text="{args.label}" valignment=bottom font-desc="Sans 24"' if args.label else ""
    scene = f'! clockoverlay time-format="%Y-%m-%d %H:%M:%S" font-desc="Sans 28"{label}'
    # A quiet room at night: a still scene far from white, and the noise of a sensor over it.
    dim = (
        "compositor name=mix sink_0::alpha=1.0 sink_1::alpha=0.15 "
        f"! video/x-raw,format=I420,{SMALL} ! videobalance brightness=0.02 contrast=0.2 saturation=0.3 ! "
        f"{h264(400, 20, 'baseline')} "
        f"videotestsrc is-live=true pattern=smpte ! video/x-raw,format=I420,{SMALL} ! mix.sink_0 "
        f"videotestsrc is-live=true pattern=snow ! video/x-raw,format=I420,{SMALL} ! mix.sink_1"
    )
    ticks = "audiotestsrc is-live=true wave=ticks ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8"
    return {
        "/h264": f"{picture(BALL, full, scene)}{h264(2500, 30, 'main')}",
        "/noisy": f"{picture('snow', full)}{h264(3000, 30, 'main')}",
        # A mount of its own: once a client leaves the sound alone, GStreamer refuses all that ask later (503).
        "/voice": f"{picture(BALL, SMALL, scene)}{h264(400, 20, 'baseline')} {ticks}",
        "/sub": f"{picture(BALL, SMALL, scene)}{h264(400, 20, 'baseline')}",
        "/h265": f"{picture(BALL, SMALL, scene)}{h265(400, 20)}",
        "/black": f"{picture('black', SMALL)}{h264(200, 20, 'baseline')}",
        "/frozen": f"{picture('smpte75', SMALL)}{h264(200, 20, 'baseline')}",
        "/dim": dim,
        "/clock": (
            f"appsrc name=clock is-live=true format=time max-buffers=2 leaky-type=downstream caps=video/x-raw,format=GRAY8,{SMALL} "
            f"! videoconvert ! video/x-raw,format=I420 ! {h264(400, 20, 'baseline')}"
        ),
        # What a camera's own web page does to a stream when somebody changes the resolution there.
        "/resize": (
            f"videotestsrc is-live=true pattern={BALL} ! videoscale ! capsfilter name=size caps={raw_caps(0)} ! "
            f"{h264(400, 20, 'baseline')}"
        ),
    }


def raw_caps(turn):
    width, height = RESIZE_BETWEEN[turn % len(RESIZE_BETWEEN)]
    return f"video/x-raw,format=I420,width={width},height={height},framerate=10/1"


def keep_resizing(_factory, media):
    """Gives the stream another size every few seconds for as long as it plays."""
    filter_ = media.get_element().get_by_name("size")
    turn = [0]

    def change():
        if media.get_status() in (GstRtspServer.RTSPMediaStatus.UNPREPARED, GstRtspServer.RTSPMediaStatus.ERROR):
            return False
        turn[0] += 1
        filter_.set_property("caps", Gst.Caps.from_string(raw_caps(turn[0])))
        return True

    GLib.timeout_add_seconds(RESIZE_EVERY_SEC, change)


def keep_telling_time(_factory, media):
    """Fills each picture with the wall time in columns, lowest bit left: a clock that a program can read."""
    source = media.get_element().get_by_name("clock")

    def tell():
        if source.get_clock() is None:
            return media.get_status() != GstRtspServer.RTSPMediaStatus.UNPREPARED
        now = int(time.time() * 1000 / CLOCK_UNIT_MS) % (1 << CLOCK_COLUMNS)
        row = b"".join((WHITE if now >> bit & 1 else BLACK) * (640 // CLOCK_COLUMNS) for bit in range(CLOCK_COLUMNS))
        buffer = Gst.Buffer.new_wrapped(row * 360)
        # Of the moment the time was read: a busy machine takes the picture later.
        buffer.pts = source.get_clock().get_time() - source.get_base_time()
        return source.emit("push-buffer", buffer) == Gst.FlowReturn.OK

    GLib.timeout_add(100, tell)


def locked(server, method):
    """Lets nobody in without RTSP_USER and RTSP_PASSWORD."""
    user, password = os.environ["RTSP_USER"], os.environ["RTSP_PASSWORD"]
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, ROLE)
    auth = GstRtspServer.RTSPAuth()
    if method == "digest":
        auth.set_supported_methods(digest_method())
        auth.add_digest(user, password, token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)


def digest_method():
    gi.require_version("GstRtsp", "1.0")
    from gi.repository import GstRtsp

    return GstRtsp.RTSPAuthMethod.DIGEST


def udp_alone():
    gi.require_version("GstRtsp", "1.0")
    from gi.repository import GstRtsp

    return GstRtsp.RTSPLowerTrans.UDP


def main():
    args = arguments()
    if args.with_parent:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address(args.address)
    server.set_service(args.port)
    if args.auth != "none":
        locked(server, args.auth)
    permissions = GstRtspServer.RTSPPermissions()
    for right in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role(ROLE, right, True)
    for mount, line in launch_lines(args).items():
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(f"( {line} )")
        factory.set_shared(True)
        if args.udp_only:
            factory.set_protocols(udp_alone())
        if args.auth != "none":
            factory.set_permissions(permissions)
        if mount == "/resize":
            factory.connect("media-configure", keep_resizing)
        if mount == "/clock":
            factory.connect("media-configure", keep_telling_time)
        server.get_mount_points().add_factory(mount, factory)
    if server.attach(None) == 0:
        sys.exit(f"cannot listen on {args.address}:{args.port}")
    loop = GLib.MainLoop()
    for number in (signal.SIGTERM, signal.SIGINT):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, loop.quit)
    print(f"ready port={server.get_bound_port()}", flush=True)
    loop.run()


main()
