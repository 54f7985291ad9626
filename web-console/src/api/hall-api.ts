/** Every call of the console, typed by the schemas of `@hall/contracts`. The one file that knows addresses. */
import type {
  Adoption,
  AdoptRequest,
  AgentSecret,
  AgentView,
  AlarmDetail,
  AlarmEvent,
  AlarmReport,
  AlarmView,
  AuditRow,
  BatchRequest,
  BatchView,
  BundleView,
  BootstrapRequest,
  BootstrapState,
  ChannelTestReply,
  ChangePasswordRequest,
  CommandHistory,
  CommandRequest,
  CommandView,
  ConsoleNotice,
  ContentKind,
  DeviceTraceView,
  Delivery,
  DeviceHistory,
  DeviceView,
  EnrolmentAdmit,
  EnrolmentView,
  DiscoveryView,
  EventQuery,
  EventRow,
  HallCalendar,
  HallContent,
  HallSettings,
  ImportReply,
  MaintenanceRequest,
  MaintenanceWindow,
  IslandView,
  Me,
  NoticeSettingsPut,
  NoticeSettingsView,
  Overview,
  PersonCreate,
  PersonPatch,
  PersonSecret,
  PersonView,
  QuarantineRow,
  SecurityView,
  SearchRequest,
  RepairRow,
  SessionView,
  SignInRequest,
  TopologyView,
  Trace,
  TraceRequest,
  UptimeGroup,
  UptimeRow,
  WorkOrder,
  WorkOrderCreate,
  WorkOrderPatch,
} from '@hall/contracts';
import type { Static } from 'typebox';
import { call, callTagged, download } from './client.ts';

type Secret = Static<typeof PersonSecret>;
type AgentKey = Static<typeof AgentSecret>;
export type Session = Static<typeof SessionView>;
export type Quarantined = Static<typeof QuarantineRow>;
export type EventFilter = Static<typeof EventQuery>;
/** A row of one kind of content. */
export type ContentRow<K extends ContentKind = ContentKind> = HallContent[K][number];
/** The hall content and the version it was read in; a change made from an older version is refused. */
export interface HeldContent {
  readonly content: HallContent;
  readonly etag: string | undefined;
}
/** Whether the audit chain is whole, and if not, the first row that is wrong. */
export interface AuditVerdict {
  readonly whole: boolean;
  readonly rows?: number;
  readonly broken?: number;
}
/** A large file over a slow line, ms. */
const UPLOAD_MS = 10 * 60_000;
/** Rows read at a time. */
const PAGE = 50;

const part = encodeURIComponent;

/** Calls that need no hall: who is here. */
export const peopleApi = {
  bootstrapState: () => call<Static<typeof BootstrapState>>('GET', '/bootstrap'),
  bootstrap: (body: Static<typeof BootstrapRequest>) => call<null>('POST', '/bootstrap', { body }),
  signIn: (body: Static<typeof SignInRequest>) => call<Me>('POST', '/sessions', { body }),
  signOut: () => call<void>('DELETE', '/sessions/current'),
  me: () => call<Me>('GET', '/me'),
  changePassword: (body: Static<typeof ChangePasswordRequest>) => call<void>('PUT', '/me/password', { body }),
  sessions: () => call<Session[]>('GET', '/sessions'),
  endSession: (id: string) => call<void>('DELETE', `/sessions/${part(id)}`),
  people: () => call<PersonView[]>('GET', '/people'),
  addPerson: (body: Static<typeof PersonCreate>) => call<Secret>('POST', '/people', { body }),
  changePerson: (name: string, body: Static<typeof PersonPatch>) => call<PersonView>('PATCH', `/people/${part(name)}`, { body }),
  resetPerson: (name: string) => call<Secret>('POST', `/people/${part(name)}/reset`),
};

/** Calls about one hall. */
export const hallApi = (hall: string) => {
  const at = (path: string) => `/halls/${part(hall)}${path}`;
  return {
    overview: (signal?: AbortSignal) => call<Overview>('GET', at('/overview'), signal ? { signal } : {}),
    devices: () => call<DeviceView[]>('GET', at('/devices')),
    agents: () => call<AgentView[]>('GET', at('/agents')),
    addAgent: (agent: string) => call<AgentKey>('POST', at('/agents'), { body: { id: agent } }),
    removeAgent: (agent: string) => call<void>('DELETE', at(`/agents/${part(agent)}`)),
    commands: (query: { device?: string; agent?: string; limit?: number }) =>
      call<CommandView[]>('GET', at('/commands'), { query }),
    command: (id: string) => call<CommandHistory>('GET', at(`/commands/${part(id)}`)),
    giveCommand: (body: CommandRequest) => call<CommandView>('POST', at('/commands'), { body }),
    bundles: () => call<BundleView[]>('GET', at('/updates')),
    uploadBundle: (file: Blob) =>
      call<BundleView>('POST', at('/updates'), { raw: { text: file, type: 'application/octet-stream' }, timeoutMs: UPLOAD_MS }),
    removeBundle: (sha256: string) => call<void>('DELETE', at(`/updates/${part(sha256)}`)),
    offerUpdate: (sha256: string, agent: string) =>
      call<CommandView>('POST', at(`/updates/${part(sha256)}/offer`), { body: { agent } }),
    cancelCommand: (id: string) => call<CommandView>('POST', at(`/commands/${part(id)}/cancel`)),
    batch: (id: string) => call<BatchView>('GET', at(`/command-batches/${part(id)}`)),
    giveBatch: (body: BatchRequest) => call<BatchView>('POST', at('/command-batches'), { body }),
    stopBatch: (id: string) => call<BatchView>('POST', at(`/command-batches/${part(id)}/stop`)),
    resumeBatch: (id: string) => call<BatchView>('POST', at(`/command-batches/${part(id)}/resume`)),
    rollBackBatch: (id: string) => call<BatchView[]>('POST', at(`/command-batches/${part(id)}/roll-back`)),
    alarms: () => call<AlarmView[]>('GET', at('/alarms')),
    alarm: (id: string) => call<AlarmDetail>('GET', at(`/alarms/${part(id)}`)),
    alarmHistory: (before?: number) => call<AlarmEvent[]>('GET', at('/alarms/history'), { query: { before, limit: PAGE } }),
    alarmReport: (days: number) => call<AlarmReport>('GET', at('/alarms/report'), { query: { days } }),
    exportAlarmReport: (days: number) => download(at('/alarms/report/export'), { days }),
    acknowledgeAlarm: (id: string) => call<AlarmView>('POST', at(`/alarms/${part(id)}/acknowledge`)),
    assignAlarm: (id: string, assignee: string | null) =>
      call<AlarmView>('PUT', at(`/alarms/${part(id)}/assignee`), { body: { assignee } }),
    commentAlarm: (id: string, text: string) => call<AlarmView>('POST', at(`/alarms/${part(id)}/comments`), { body: { text } }),
    shelveAlarm: (id: string, minutes: number, reason: string) =>
      call<AlarmView>('PUT', at(`/alarms/${part(id)}/shelf`), { body: { minutes, reason } }),
    unshelveAlarm: (id: string) => call<AlarmView>('DELETE', at(`/alarms/${part(id)}/shelf`)),
    maintenance: () => call<MaintenanceWindow[]>('GET', at('/maintenance')),
    addMaintenance: (body: MaintenanceRequest) => call<MaintenanceWindow>('POST', at('/maintenance'), { body }),
    putMaintenance: (id: string, body: MaintenanceRequest) =>
      call<MaintenanceWindow>('PUT', at(`/maintenance/${part(id)}`), { body }),
    removeMaintenance: (id: string) => call<void>('DELETE', at(`/maintenance/${part(id)}`)),
    topology: () => call<TopologyView>('GET', at('/topology')),
    revokeAgent: (agent: string) => call<void>('POST', at(`/agents/${part(agent)}/revoke`)),
    enrolments: () => call<EnrolmentView[]>('GET', at('/enrolments')),
    admitAgent: (id: string, body: Static<typeof EnrolmentAdmit>) =>
      call<void>('POST', at(`/enrolments/${part(id)}/admit`), { body }),
    rejectAgent: (id: string) => call<void>('POST', at(`/enrolments/${part(id)}/reject`)),
    security: () => call<SecurityView>('GET', at('/security')),
    discovery: () => call<DiscoveryView>('GET', at('/discovery')),
    search: (body: SearchRequest) => call<DiscoveryView>('POST', at('/discovery/searches'), { body }),
    ignoreFound: (id: number, ignored: boolean) => call<void>('PUT', at(`/discovery/found/${id}/ignored`), { body: { ignored } }),
    adopt: (id: number, body: AdoptRequest) => call<Adoption>('POST', at(`/discovery/found/${id}/adopt`), { body }),
    deviceTrace: (device: string) => call<DeviceTraceView | undefined>('GET', at(`/devices/${part(device)}/trace`)),
    startTrace: (device: string, body: TraceRequest) =>
      call<DeviceTraceView>('POST', at(`/devices/${part(device)}/trace`), { body }),
    audit: (before?: number) => call<AuditRow[]>('GET', at('/audit'), { query: { before, limit: PAGE } }),
    auditVerdict: () => call<AuditVerdict>('GET', at('/audit/verdict')),
    events: (query: EventFilter) => call<EventRow[]>('GET', at('/events'), { query }),
    trace: (event: EventRow) => call<Trace>('GET', at(`/traces/${part(event.id)}`)),
    island: (conflicts: boolean) => call<IslandView>('GET', at('/island'), { query: { conflicts: conflicts || undefined } }),
    noticeSettings: () => call<NoticeSettingsView>('GET', at('/notices/settings')),
    putNoticeSettings: (body: NoticeSettingsPut, version: number) =>
      call<void>('PUT', at('/notices/settings'), { body, etag: `"${version}"` }),
    testChannel: (channel: string, person?: string) =>
      call<ChannelTestReply>('POST', at(`/notices/channels/${part(channel)}/test`), {
        body: person === undefined ? {} : { person },
      }),
    deliveries: (before?: number) => call<Delivery[]>('GET', at('/notices/deliveries'), { query: { before, limit: PAGE } }),
    consoleNotices: () => call<ConsoleNotice[]>('GET', at('/notices/console')),
    deviceHistory: (device: string, query: { from?: number; to?: number; metric?: string | undefined }) =>
      call<DeviceHistory>('GET', at(`/devices/${part(device)}/history`), { query }),
    uptime: (query: { from?: number; by: UptimeGroup; days: boolean }) => call<UptimeRow[]>('GET', at('/uptime'), { query }),
    uptimeCsv: (query: { from?: number; by: UptimeGroup; days: boolean }) => download(at('/uptime'), { ...query, format: 'csv' }),
    workOrders: (query: { state?: string | undefined; before?: number | undefined }) =>
      call<WorkOrder[]>('GET', at('/work-orders'), { query: { ...query, limit: PAGE } }),
    openWorkOrder: (body: WorkOrderCreate) => call<WorkOrder>('POST', at('/work-orders'), { body }),
    changeWorkOrder: (id: number, body: WorkOrderPatch) => call<WorkOrder>('PATCH', at(`/work-orders/${id}`), { body }),
    workOrdersCsv: () => download(at('/work-orders/export')),
    repairs: (by: 'driver' | 'alarm_type') => call<RepairRow[]>('GET', at('/work-orders/repairs'), { query: { by } }),
    quarantine: () => call<Quarantined[]>('GET', at('/quarantine'), { query: { limit: 200 } }),
    content: async (): Promise<HeldContent> => {
      const { body, etag } = await callTagged<HallContent>('GET', at('/content'));
      return { content: body, etag };
    },
    putRow: (kind: ContentKind, row: ContentRow, etag: string | undefined) =>
      call<void>('PUT', at(`/content/${kind}/${part(row.id)}`), { body: row, etag }),
    removeRow: (kind: ContentKind, id: string, etag: string | undefined) =>
      call<void>('DELETE', at(`/content/${kind}/${part(id)}`), { etag }),
    putCalendar: (body: HallCalendar, etag: string | undefined) => call<void>('PUT', at('/content/calendar'), { body, etag }),
    putSettings: (body: HallSettings, etag: string | undefined) => call<void>('PUT', at('/content/settings'), { body, etag }),
    /** Everything as JSON, or one kind as CSV. */
    exportContent: (kind?: ContentKind) => download(at('/content/export'), { kind }),
    importCsv: (kind: ContentKind, text: string, dryRun: boolean) =>
      call<ImportReply>('POST', at('/content/import'), {
        raw: { text, type: 'text/csv; charset=utf-8' },
        query: { kind, dryRun },
      }),
  };
};
export type HallApi = ReturnType<typeof hallApi>;
