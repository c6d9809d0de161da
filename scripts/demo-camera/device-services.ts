import { randomUUID } from "node:crypto";
import {
  deviceNow,
  serviceUrl,
  type DeviceProfile,
  type DeviceState,
  type PtzState,
} from "./device-state.ts";
import { escapeXml, SoapFault, textAt, type XmlNode } from "./soap.ts";

/** Answers one operation: the inside of the SOAP body. */
export type Operation = (content: XmlNode, path: string) => string;

const PATHS = {
  device: "/onvif/device_service",
  media: "/onvif/media_service",
  media2: "/onvif/media2_service",
  events: "/onvif/event_service",
  ptz: "/onvif/ptz_service",
};

/** ONVIF Core: the device service. */
export function deviceOperations(state: DeviceState): Record<string, Operation> {
  const services = (): [string, string][] => [
    ["http://www.onvif.org/ver10/device/wsdl", PATHS.device],
    ["http://www.onvif.org/ver10/media/wsdl", PATHS.media],
    ["http://www.onvif.org/ver20/media/wsdl", PATHS.media2],
    ["http://www.onvif.org/ver10/events/wsdl", PATHS.events],
    ["http://www.onvif.org/ver20/ptz/wsdl", PATHS.ptz],
  ];
  const element = (name: string, value: string): string => `<tds:${name}>${escapeXml(value)}</tds:${name}>`;
  return {
    GetSystemDateAndTime: () => {
      const now = new Date(deviceNow(state));
      const clock = (at: Date): string =>
        `<tt:Time><tt:Hour>${at.getUTCHours()}</tt:Hour><tt:Minute>${at.getUTCMinutes()}</tt:Minute><tt:Second>${at.getUTCSeconds()}</tt:Second></tt:Time>` +
        `<tt:Date><tt:Year>${at.getUTCFullYear()}</tt:Year><tt:Month>${at.getUTCMonth() + 1}</tt:Month><tt:Day>${at.getUTCDate()}</tt:Day></tt:Date>`;
      return (
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType>" +
        "<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>ICT-7</tt:TZ></tt:TimeZone>" +
        `<tt:UTCDateTime>${clock(now)}</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`
      );
    },
    SetSystemDateAndTime: (content) => {
      if (textAt(content, "DateTimeType") !== "NTP") {
        const part = (...path: string[]): number => Number(textAt(content, "UTCDateTime", ...path));
        const atMs = Date.UTC(
          part("Date", "Year"),
          part("Date", "Month") - 1,
          part("Date", "Day"),
          part("Time", "Hour"),
          part("Time", "Minute"),
          part("Time", "Second"),
        );
        if (Number.isNaN(atMs)) throw new SoapFault("ter:InvalidArgVal", "not a date");
        state.faults.clockOffsetMs = atMs - Date.now();
      }
      return "<tds:SetSystemDateAndTimeResponse/>";
    },
    SetNTP: () => "<tds:SetNTPResponse/>",
    GetHostname: () =>
      "<tds:GetHostnameResponse><tds:HostnameInformation><tt:FromDHCP>false</tt:FromDHCP><tt:Name>camera</tt:Name></tds:HostnameInformation></tds:GetHostnameResponse>",
    GetDeviceInformation: () =>
      `<tds:GetDeviceInformationResponse>${element("Manufacturer", state.identity.manufacturer)}${element("Model", state.identity.model)}` +
      `${element("FirmwareVersion", state.identity.firmware)}${element("SerialNumber", state.identity.serial)}${element("HardwareId", state.identity.hardwareId)}</tds:GetDeviceInformationResponse>`,
    GetServices: () =>
      `<tds:GetServicesResponse>${services()
        .map(
          ([uri, path]) =>
            `<tds:Service><tds:Namespace>${uri}</tds:Namespace><tds:XAddr>${serviceUrl(state, path)}</tds:XAddr><tds:Version><tt:Major>2</tt:Major><tt:Minor>6</tt:Minor></tds:Version></tds:Service>`,
        )
        .join("")}</tds:GetServicesResponse>`,
    GetCapabilities: () => {
      const one = (name: string, path: string, more = ""): string =>
        `<tt:${name}><tt:XAddr>${serviceUrl(state, path)}</tt:XAddr>${more}</tt:${name}>`;
      const pull =
        "<tt:WSSubscriptionPolicySupport>false</tt:WSSubscriptionPolicySupport><tt:WSPullPointSupport>true</tt:WSPullPointSupport>";
      return `<tds:GetCapabilitiesResponse><tds:Capabilities>${one("Device", PATHS.device)}${one("Events", PATHS.events, pull)}${one("Media", PATHS.media)}${one("PTZ", PATHS.ptz)}</tds:Capabilities></tds:GetCapabilitiesResponse>`;
    },
    GetScopes: () =>
      `<tds:GetScopesResponse>${scopesOf(state)
        .map(
          (scope) =>
            `<tds:Scopes><tt:ScopeDef>Fixed</tt:ScopeDef><tt:ScopeItem>${scope}</tt:ScopeItem></tds:Scopes>`,
        )
        .join("")}</tds:GetScopesResponse>`,
    GetNetworkInterfaces: () =>
      `<tds:GetNetworkInterfacesResponse><tds:NetworkInterfaces token="eth0"><tt:Enabled>true</tt:Enabled><tt:Info><tt:Name>eth0</tt:Name><tt:HwAddress>${state.identity.mac}</tt:HwAddress><tt:MTU>1500</tt:MTU></tt:Info>` +
      `<tt:IPv4><tt:Enabled>true</tt:Enabled><tt:Config><tt:Manual><tt:Address>${state.address}</tt:Address><tt:PrefixLength>24</tt:PrefixLength></tt:Manual><tt:DHCP>false</tt:DHCP></tt:Config></tt:IPv4></tds:NetworkInterfaces></tds:GetNetworkInterfacesResponse>`,
  };
}

export function scopesOf({ identity, name }: DeviceState): string[] {
  return [
    "onvif://www.onvif.org/type/video_encoder",
    "onvif://www.onvif.org/Profile/Streaming",
    `onvif://www.onvif.org/name/${encodeURIComponent(name)}`,
    `onvif://www.onvif.org/hardware/${encodeURIComponent(identity.model)}`,
  ];
}

/** Media 1, and of Media 2 what its path asks for: only there H.265 has a name of its own. */
export function mediaOperations(state: DeviceState): Record<string, Operation> {
  const find = (content: XmlNode): DeviceProfile => {
    const token = textAt(content, "ProfileToken");
    const found = state.profiles.find((profile) => profile.token === token);
    if (found === undefined) throw new SoapFault("ter:NoProfile", `no profile '${token}'`);
    return found;
  };
  const streamOf = (content: XmlNode): string => {
    const { faults, address, rtspPort } = state;
    return `rtsp://${faults.announcedRtspHost ?? address}:${rtspPort}/${find(content).mount}`;
  };
  return {
    GetProfiles: (_content, path) =>
      path === PATHS.media2
        ? `<tr2:GetProfilesResponse>${state.profiles.map(profile2).join("")}</tr2:GetProfilesResponse>`
        : `<trt:GetProfilesResponse>${state.profiles.map((profile) => profile1(profile)).join("")}</trt:GetProfilesResponse>`,
    GetProfile: (content) =>
      `<trt:GetProfileResponse>${profile1(find(content), "Profile")}</trt:GetProfileResponse>`,
    GetVideoSources: () =>
      `<trt:GetVideoSourcesResponse><trt:VideoSources token="source0"><tt:Framerate>15</tt:Framerate><tt:Resolution><tt:Width>1920</tt:Width><tt:Height>1080</tt:Height></tt:Resolution></trt:VideoSources></trt:GetVideoSourcesResponse>`,
    GetStreamUri: (content, path) =>
      path === PATHS.media2
        ? `<tr2:GetStreamUriResponse><tr2:Uri>${streamOf(content)}</tr2:Uri></tr2:GetStreamUriResponse>`
        : `<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>${streamOf(content)}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT60S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>`,
    GetSnapshotUri: () =>
      `<trt:GetSnapshotUriResponse><trt:MediaUri><tt:Uri>${serviceUrl(state, "/snapshot.jpg")}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT60S</tt:Timeout></trt:MediaUri></trt:GetSnapshotUriResponse>`,
  };
}

function profile1(
  { token, encoding, widthPx, heightPx, fps, kbps }: DeviceProfile,
  element = "Profiles",
): string {
  return (
    `<trt:${element} token="${token}" fixed="true"><tt:Name>${token}</tt:Name>` +
    `<tt:VideoSourceConfiguration token="vsc0"><tt:Name>vsc0</tt:Name><tt:UseCount>2</tt:UseCount><tt:SourceToken>source0</tt:SourceToken><tt:Bounds x="0" y="0" width="1920" height="1080"/></tt:VideoSourceConfiguration>` +
    `<tt:VideoEncoderConfiguration token="vec-${token}"><tt:Name>vec-${token}</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>${encoding}</tt:Encoding>` +
    `<tt:Resolution><tt:Width>${widthPx}</tt:Width><tt:Height>${heightPx}</tt:Height></tt:Resolution><tt:Quality>4</tt:Quality>` +
    `<tt:RateControl><tt:FrameRateLimit>${fps}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>${kbps}</tt:BitrateLimit></tt:RateControl></tt:VideoEncoderConfiguration>` +
    `<tt:PTZConfiguration token="ptz0"><tt:Name>ptz0</tt:Name><tt:UseCount>1</tt:UseCount><tt:NodeToken>node0</tt:NodeToken><tt:DefaultPTZTimeout>PT10S</tt:DefaultPTZTimeout></tt:PTZConfiguration></trt:${element}>`
  );
}

function profile2({ token, encoding, widthPx, heightPx, fps, kbps }: DeviceProfile): string {
  return (
    `<tr2:Profiles token="${token}" fixed="true"><tr2:Name>${token}</tr2:Name><tr2:Configurations>` +
    `<tr2:VideoSource token="vsc0"><tt:Name>vsc0</tt:Name><tt:UseCount>2</tt:UseCount><tt:SourceToken>source0</tt:SourceToken><tt:Bounds x="0" y="0" width="1920" height="1080"/></tr2:VideoSource>` +
    `<tr2:VideoEncoder token="vec-${token}"><tt:Name>vec-${token}</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>${encoding}</tt:Encoding>` +
    `<tt:Resolution><tt:Width>${widthPx}</tt:Width><tt:Height>${heightPx}</tt:Height></tt:Resolution>` +
    `<tt:RateControl><tt:FrameRateLimit>${fps}</tt:FrameRateLimit><tt:BitrateLimit>${kbps}</tt:BitrateLimit></tt:RateControl><tt:Quality>4</tt:Quality></tr2:VideoEncoder>` +
    `<tr2:PTZ token="ptz0"><tt:Name>ptz0</tt:Name><tt:UseCount>1</tt:UseCount><tt:NodeToken>node0</tt:NodeToken></tr2:PTZ></tr2:Configurations></tr2:Profiles>`
  );
}

/** PTZ: moves until told to stop, or until the timeout it was given. */
export function ptzOperations({ ptz }: DeviceState): Record<string, Operation> {
  let moveEnds: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearTimeout(moveEnds);
    ptz.moving = null;
  };
  const find = (content: XmlNode): string => {
    const token = textAt(content, "PresetToken");
    if (!ptz.presets.has(token)) throw new SoapFault("ter:NoToken", `no preset '${token}'`);
    return token;
  };
  return {
    GetNodes: () =>
      `<tptz:GetNodesResponse><tptz:PTZNode token="node0"><tt:Name>node0</tt:Name><tt:SupportedPTZSpaces/><tt:MaximumNumberOfPresets>16</tt:MaximumNumberOfPresets><tt:HomeSupported>false</tt:HomeSupported></tptz:PTZNode></tptz:GetNodesResponse>`,
    GetPresets: () =>
      `<tptz:GetPresetsResponse>${[...ptz.presets]
        .map(
          ([token, name]) =>
            `<tptz:Preset token="${token}"><tt:Name>${escapeXml(name)}</tt:Name></tptz:Preset>`,
        )
        .join("")}</tptz:GetPresetsResponse>`,
    SetPreset: (content) => {
      const token = textAt(content, "PresetToken") || randomUUID().slice(0, 8);
      ptz.presets.set(token, textAt(content, "PresetName") || token);
      return `<tptz:SetPresetResponse><tptz:PresetToken>${token}</tptz:PresetToken></tptz:SetPresetResponse>`;
    },
    RemovePreset: (content) => {
      ptz.presets.delete(find(content));
      return "<tptz:RemovePresetResponse/>";
    },
    GotoPreset: (content) => {
      stop();
      ptz.at = find(content);
      return "<tptz:GotoPresetResponse/>";
    },
    ContinuousMove: (content) => {
      stop();
      ptz.moving = velocityOf(content);
      ptz.at = null;
      const sec = /^PT(\d+(?:\.\d+)?)S$/.exec(textAt(content, "Timeout"))?.[1];
      if (sec !== undefined) moveEnds = setTimeout(stop, Number(sec) * 1_000).unref();
      return "<tptz:ContinuousMoveResponse/>";
    },
    Stop: () => {
      stop();
      return "<tptz:StopResponse/>";
    },
    GetStatus: () =>
      `<tptz:GetStatusResponse><tptz:PTZStatus><tt:MoveStatus><tt:PanTilt>${ptz.moving ? "MOVING" : "IDLE"}</tt:PanTilt></tt:MoveStatus></tptz:PTZStatus></tptz:GetStatusResponse>`,
  };
}

function velocityOf(content: XmlNode): PtzState["moving"] {
  const velocity = (element: string, axis: string): number =>
    Number(textAt(content, "Velocity", element, `@${axis}`)) || 0;
  return { pan: velocity("PanTilt", "x"), tilt: velocity("PanTilt", "y"), zoom: velocity("Zoom", "x") };
}
