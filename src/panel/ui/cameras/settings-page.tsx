import { useState, type ReactNode } from "react";
import type { PageProps } from "../page-props.ts";
import { mayAct } from "../roles.ts";
import { hrefOf } from "../routes.ts";
import type { Speaker } from "../shapes.ts";
import { CameraHead } from "./camera-head.tsx";
import { ConfirmButton } from "./confirm-button.tsx";
import { PauseNow } from "./pause-now.tsx";
import { Problem } from "./problem.tsx";
import { SettingsForm } from "./settings-form.tsx";
import { SettingsTest } from "./settings-test.tsx";
import { settingsOf, type WholeCamera } from "./settings-shapes.ts";
import { useOrder } from "./use-order.ts";
import { useReading } from "./use-reading.ts";

/** One camera's settings, its pause by hand, its sign and its removal. */
export function SettingsPage(props: PageProps): ReactNode {
  const { route, call, events } = props;
  const { value, problem, reload } = useReading<{ readonly cameras: readonly WholeCamera[] }>("/cameras", {
    call,
    events,
    isNews: ({ type, id }) => type === "camera" && id === route.camera,
  });
  const camera = value?.cameras.find(({ id }) => id === route.camera);
  return (
    <>
      <CameraHead id={route.camera} name={camera?.name} page="settings" />
      <Problem refused={problem} />
      {value === undefined && problem === undefined && <p className="empty">Đang tải…</p>}
      {value !== undefined && camera === undefined && (
        <p className="problem" role="alert">
          Không có camera nào mang mã “{route.camera}”. Có thể camera đã được gỡ; hãy chọn lại ở trang Camera.
        </p>
      )}
      {camera !== undefined && <Settings {...props} camera={camera} onChanged={reload} />}
    </>
  );
}

interface SettingsProps extends PageProps {
  readonly camera: WholeCamera;
  readonly onChanged: () => Promise<void>;
}

function Settings(props: SettingsProps): ReactNode {
  const { camera, me, status, call, onChanged } = props;
  return (
    <div className="beside">
      <section aria-labelledby="settings">
        <h3 id="settings">Cài đặt</h3>
        {mayAct(me, "technician") ? <Editing {...props} /> : <ReadOnly camera={camera} />}
      </section>
      <div className="beside-side">
        {mayAct(me, "officer", "leader") && camera.maySee && (
          <PauseNow camera={camera} call={call} status={status} onDone={onChanged} />
        )}
        <section aria-labelledby="to-sign">
          <h3 id="to-sign">Biển thông báo</h3>
          <p>
            <a href={hrefOf("sign", { camera: camera.id })}>In biển thông báo ghi hình</a>
          </p>
        </section>
        {mayAct(me, "technician") && <Device {...props} />}
      </div>
    </div>
  );
}

function Editing({ camera, call, events, onChanged }: SettingsProps): ReactNode {
  const { busy, refused, run } = useOrder();
  const [saved, setSaved] = useState(false);
  const { value } = useReading<{ readonly speakers: readonly Speaker[] }>("/speakers", {
    call,
    events,
    isNews: () => false,
  });
  return (
    <SettingsForm
      settings={settingsOf(camera)}
      speakers={value?.speakers ?? []}
      busy={busy}
      onSave={(settings) => {
        setSaved(false);
        void run(() => call("PUT", `/cameras/${encodeURIComponent(camera.id)}`, { body: settings })).then(
          async (done) => {
            setSaved(done);
            if (done) await onChanged();
          },
        );
      }}
    >
      <Problem refused={refused} />
      {saved && (
        <p role="status">Đã lưu. Nếu mục đích hay thời gian lưu thay đổi, hãy in lại biển thông báo.</p>
      )}
    </SettingsForm>
  );
}

function ReadOnly({ camera }: { readonly camera: WholeCamera }): ReactNode {
  return (
    <>
      <dl className="facts">
        <dt>Nơi lắp</dt>
        <dd>{camera.place}</dd>
        <dt>Mục đích</dt>
        <dd>{camera.purpose}</dd>
        <dt>Thời gian lưu</dt>
        <dd>
          {camera.retentionDays} ngày. {camera.retentionReason}
        </dd>
        <dt>Âm thanh</dt>
        <dd>{camera.audio ? "Có ghi âm" : "Không ghi âm"}</dd>
      </dl>
      <p className="count">Kỹ thuật viên hoặc quản trị đổi được các cài đặt này.</p>
    </>
  );
}

/** The camera's own login, and taking it away. */
function Device({ camera, call, onChanged }: SettingsProps): ReactNode {
  const password = useOrder();
  const removal = useOrder();
  const path = `/cameras/${encodeURIComponent(camera.id)}`;
  return (
    <section aria-labelledby="device">
      <h3 id="device">Thiết bị</h3>
      <SettingsTest camera={camera.id} call={call} />
      <form
        className="stacked"
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const typed = new FormData(form);
          const body = { user: typed.get("user"), password: typed.get("password") };
          void password
            .run(() => call("PUT", path, { body }))
            .then(async (done) => {
              if (!done) return;
              form.reset();
              await onChanged();
            });
        }}
      >
        <label>
          Tài khoản trên camera
          <input name="user" defaultValue={camera.user} required maxLength={64} autoComplete="off" />
        </label>
        <label>
          Mật khẩu mới của camera
          <input name="password" type="password" required maxLength={128} autoComplete="new-password" />
        </label>
        <button disabled={password.busy}>Đổi mật khẩu đã lưu</button>
        <Problem refused={password.refused} />
      </form>
      <div className="apart">
        <ConfirmButton
          name="Gỡ camera"
          about={camera.name}
          question={`Gỡ camera ${camera.name}?`}
          consequence="Camera ngừng ghi ngay. Các đoạn đã ghi vẫn được giữ đến hết hạn lưu."
          disabled={removal.busy}
          onConfirm={() =>
            void removal
              .run(() => call("DELETE", path))
              .then((done) => {
                if (done) window.location.hash = hrefOf("cameras");
              })
          }
        />
      </div>
      <Problem refused={removal.refused} />
    </section>
  );
}
