/**
 * Every failure the product reports, once. Server replies, agent reports, the console and `docs/errors.md` read this table.
 * Codes are stored and public: never renamed, never reused.
 */
export const errorCodes = {
  // intake
  BODY_NOT_UTF8: { http: 400, retry: false, zh: '请求体不是有效的 UTF-8', en: 'The body is not valid UTF-8.' },
  BODY_NOT_JSON: { http: 400, retry: false, zh: '请求体不是有效的 JSON', en: 'The body is not valid JSON.' },
  BODY_DUPLICATE_KEY: { http: 400, retry: false, zh: 'JSON 中有重复的键', en: 'A JSON object has the same key twice.' },
  BODY_TOO_LARGE: { http: 413, retry: false, zh: '请求体过大', en: 'The body is larger than the limit.' },
  BODY_TOO_DEEP: { http: 400, retry: false, zh: 'JSON 嵌套过深', en: 'The JSON is nested deeper than the limit.' },
  MEDIA_TYPE_UNSUPPORTED: { http: 415, retry: false, zh: '不支持的内容类型', en: 'The content type is not supported.' },
  SIGNATURE_MISSING: { http: 401, retry: false, zh: '缺少签名头', en: 'A signature header is missing.' },
  SIGNATURE_INVALID: { http: 401, retry: false, zh: '签名不正确', en: 'No signature matches the body.' },
  SIGNATURE_EXPIRED: {
    http: 401,
    retry: false,
    zh: '签名时间超出允许范围',
    en: 'The signature time is outside the allowed window.',
  },
  SIGNATURE_REPLAYED: { http: 409, retry: false, zh: '重放的请求', en: 'This signed request was already received.' },
  EVENT_INVALID: { http: 422, retry: false, zh: '事件不符合规定格式', en: 'The event does not match its schema.' },
  EVENT_TYPE_UNKNOWN: { http: 422, retry: false, zh: '未知的事件类型', en: 'The event type is not known.' },
  EVENT_SOURCE_REFUSED: { http: 422, retry: false, zh: '事件来源未登记', en: 'The event source is not on the allow-list.' },
  EVENT_REFERENCE_UNKNOWN: {
    http: 422,
    retry: false,
    zh: '引用的窗口、业务或部门不存在',
    en: 'The event names a window, service or department that does not exist.',
  },
  EVENT_TEXT_REFUSED: {
    http: 422,
    retry: false,
    zh: '文本含有不允许的控制字符',
    en: 'A text holds control characters that are not allowed.',
  },
  EVENT_TIME_REFUSED: { http: 422, retry: false, zh: '事件时间不可信', en: 'The event time is too far in the future.' },
  BATCH_EMPTY: { http: 400, retry: false, zh: '批次为空', en: 'The batch holds no event.' },
  BATCH_TOO_LONG: { http: 413, retry: false, zh: '批次事件过多', en: 'The batch holds more events than the limit.' },
  SNAPSHOT_INVALID: { http: 422, retry: false, zh: '快照不符合规定格式', en: 'The snapshot does not match its schema.' },
  SNAPSHOT_OLD: { http: 409, retry: false, zh: '快照比现有状态旧', en: 'The snapshot is older than what is already known.' },
  OVERLOADED: {
    http: 503,
    retry: true,
    zh: '系统繁忙，请稍后重试',
    en: 'The server is at its limit; try again after the stated time.',
  },
  RATE_LIMITED: { http: 429, retry: true, zh: '请求过于频繁', en: 'Too many requests; try again after the stated time.' },
  STORE_FULL: { http: 503, retry: true, zh: '磁盘空间不足', en: 'The disk is full; nothing was stored.' },
  STORE_FAILED: { http: 503, retry: true, zh: '写入失败', en: 'The store could not commit; nothing was stored.' },
  // requests in general
  INPUT_INVALID: { http: 400, retry: false, zh: '输入不正确', en: 'The request does not match its schema.' },
  HALL_UNKNOWN: { http: 404, retry: false, zh: '大厅不存在', en: 'This server does not run that hall.' },
  NOT_FOUND: { http: 404, retry: false, zh: '找不到', en: 'There is nothing under this address.' },
  CONFLICT: { http: 409, retry: false, zh: '内容已被他人修改', en: 'The thing was changed by somebody else; read it again.' },
  INTERNAL: { http: 500, retry: true, zh: '系统内部错误', en: 'The server failed; the request id finds the log line.' },
  // people
  SIGN_IN_REQUIRED: { http: 401, retry: false, zh: '请先登录', en: 'Sign in first.' },
  SIGN_IN_FAILED: { http: 401, retry: false, zh: '用户名或密码不正确', en: 'The name or password is wrong.' },
  SIGN_IN_LOCKED: {
    http: 423,
    retry: true,
    zh: '登录失败次数过多，账号已暂时锁定',
    en: 'Too many failed sign-ins; the account is locked for a while.',
  },
  BOOTSTRAP_CODE_WRONG: {
    http: 401,
    retry: false,
    zh: '一次性登录码不正确或已失效',
    en: 'The one-time code is wrong, used or expired.',
  },
  BOOTSTRAP_DONE: { http: 409, retry: false, zh: '管理员已创建', en: 'The first administrator already exists.' },
  PERMISSION_DENIED: { http: 403, retry: false, zh: '没有权限', en: 'Your roles do not allow this.' },
  CSRF_REFUSED: { http: 403, retry: false, zh: '请求来源不可信', en: 'The request did not come from this console.' },
  PASSWORD_CHANGE_REQUIRED: { http: 403, retry: false, zh: '请先修改初始密码', en: 'Change the given password first.' },
  PASSWORD_WEAK: { http: 422, retry: false, zh: '密码太短或太常见', en: 'The password is too short or too common.' },
  NAME_TAKEN: { http: 409, retry: false, zh: '名称已被使用', en: 'The name is already in use.' },
  LAST_ADMINISTRATOR: { http: 409, retry: false, zh: '不能停用最后一名管理员', en: 'The last administrator cannot be disabled.' },
  // hall content
  CONTENT_INVALID: { http: 422, retry: false, zh: '大厅资料有误', en: 'The hall content has errors; see the rows.' },
  CONTENT_REFERENCED: {
    http: 409,
    retry: false,
    zh: '仍被引用，不能删除',
    en: 'Something still refers to this; remove that first.',
  },
  // notices and work orders
  NOTICE_SETTINGS_INVALID: {
    http: 422,
    retry: false,
    zh: '通知设置有误',
    en: 'The notice settings have an error.',
  },
  WORK_ORDER_STATE_REFUSED: {
    http: 409,
    retry: false,
    zh: '工单不能从当前状态改为该状态',
    en: 'The work order cannot go from its state to that one.',
  },
  // agents and messaging
  AGENT_UNKNOWN: { http: 404, retry: false, zh: '代理未登记', en: 'No agent has this id.' },
  AGENT_FENCED: { http: 409, retry: false, zh: '同名代理已在线', en: 'Another agent with this id holds the session.' },
  MESSAGE_INVALID: { http: 422, retry: false, zh: '消息不符合规定格式', en: 'The message does not match its schema.' },
  // enrolment and certificates
  AGENT_EXISTS: { http: 409, retry: false, zh: '代理已存在', en: 'An agent has this id; taking it over has to be said.' },
  ENROLMENT_UNKNOWN: { http: 404, retry: false, zh: '登记申请不存在或已过期', en: 'The request is unknown or has expired.' },
  ENROLMENT_CODE_WRONG: { http: 422, retry: false, zh: '校验码不一致', en: 'The code is not that of the request.' },
  ENROLMENT_CLOSED: { http: 409, retry: false, zh: '登记申请已处理', en: 'The request was already decided.' },
  ENROLMENT_FULL: { http: 503, retry: true, zh: '待处理的登记申请过多', en: 'Too many requests wait already.' },
  KEY_REFUSED: { http: 403, retry: false, zh: '密钥未被接受', en: 'The key, or the proof of it, is not accepted.' },
  CERTIFICATE_INVALID: {
    http: 500,
    retry: false,
    zh: '证书或其密钥不能使用',
    en: 'The certificate or its key cannot be used.',
  },
  SERVER_UNTRUSTED: {
    http: 502,
    retry: false,
    zh: '服务器证书与配置的指纹不一致',
    en: 'The certificate of the server is not the one that was pinned.',
  },
  // devices
  DEVICE_OFFLINE: { http: 503, retry: true, zh: '设备未连接', en: 'The device is not connected.' },
  DEVICE_TIMEOUT: { http: 504, retry: true, zh: '设备未在规定时间内应答', en: 'The device did not answer in time.' },
  DEVICE_REFUSED: { http: 502, retry: false, zh: '设备拒绝了命令', en: 'The device answered with an error.' },
  DEVICE_CONFUSED: {
    http: 502,
    retry: true,
    zh: '设备应答无法识别',
    en: 'The device answered with something else than was asked.',
  },
  DEVICE_SETTINGS_INVALID: { http: 422, retry: false, zh: '设备参数不正确', en: 'The device settings do not match the driver.' },
  DEVICE_OTHER: {
    http: 409,
    retry: false,
    zh: '应答的是另一台设备，已停止写入',
    en: 'Another device answered than the one expected; nothing was written to it.',
  },
  DRIVER_UNKNOWN: { http: 422, retry: false, zh: '没有此驱动', en: 'The agent has no driver of this name.' },
  ACT_UNSUPPORTED: { http: 422, retry: false, zh: '设备不支持此命令', en: 'The device or agent cannot do this act.' },
  COMMAND_LATE: { http: 409, retry: true, zh: '命令已过期', en: 'The command could not begin before its deadline.' },
  COMMAND_ENDED: { http: 409, retry: false, zh: '命令已结束', en: 'The command has ended already.' },
  AGENT_RESTARTED: {
    http: 503,
    retry: true,
    zh: '代理在执行中重新启动',
    en: 'The agent was restarted in the middle, and the device cannot tell what was done.',
  },
  AGENT_REPLACED: { http: 409, retry: true, zh: '代理已更换', en: 'Another installation of the agent has taken its place.' },
  AGENT_SILENT: { http: 504, retry: true, zh: '代理一直没有回复', en: 'The agent never said how the command ended.' },
  TEXT_REFUSED: { http: 422, retry: false, zh: '文本不能安全显示', en: 'The text cannot be shown safely.' },
  // search, adoption and traces
  AGENT_OFFLINE: { http: 409, retry: true, zh: '代理不在线', en: 'The agent is not connected.' },
  SEARCH_RUNNING: { http: 409, retry: true, zh: '该代理正在搜索', en: 'The agent is searching already.' },
  SEARCH_EXPIRED: {
    http: 409,
    retry: true,
    zh: '请求到达过晚，未执行',
    en: 'The request came too late and was not carried out.',
  },
  SEARCH_SILENT: { http: 504, retry: true, zh: '代理没有回报结果', en: 'The agent did not say how it ended.' },
  SEARCH_FULL: { http: 507, retry: false, zh: '发现的设备过多，其余未列出', en: 'More devices were found than are listed.' },
  ADOPTION_REFUSED: {
    http: 409,
    retry: false,
    zh: '不能接管，请先处理冲突',
    en: 'The device cannot be adopted before the conflicts are settled.',
  },
  // island mode
  ISLAND_REFUSED: {
    http: 409,
    retry: false,
    zh: '本地叫号口不接受此操作',
    en: 'The local call port does not take this act now.',
  },
  CALL_PORT_TOKEN: {
    http: 401,
    retry: false,
    zh: '本地叫号口令牌不正确',
    en: 'The token of the local call port is missing or wrong.',
  },
  APPROVAL_REFUSED: { http: 403, retry: false, zh: '内容未经有效审批', en: 'The content does not carry the approvals it needs.' },
  APPROVER_INVALID: {
    http: 422,
    retry: false,
    zh: '审批公钥不正确',
    en: 'This is no Ed25519 public key, or the name or key is already there.',
  },
  // updates of agents
  UPDATE_INVALID: { http: 422, retry: false, zh: '不是有效的代理更新包', en: 'This is no valid bundle of an agent.' },
  UPDATE_UNSIGNED: { http: 403, retry: false, zh: '更新包没有签名', en: 'The bundle carries no signature.' },
  UPDATE_KEY_UNKNOWN: {
    http: 403,
    retry: false,
    zh: '更新包的签名公钥未在代理本机登记',
    en: 'The key that signed the bundle is not trusted on the machine of the agent.',
  },
  UPDATE_SIGNATURE_WRONG: { http: 403, retry: false, zh: '更新包签名不正确', en: 'The signature of the bundle does not hold.' },
  UPDATE_DAMAGED: { http: 502, retry: true, zh: '更新包内容与校验值不符', en: 'What came is not what its hash says.' },
  UPDATE_TOO_LARGE: { http: 413, retry: false, zh: '更新包超过 64 MB', en: 'The bundle is larger than 64 MB.' },
  UPDATE_PATH_REFUSED: {
    http: 422,
    retry: false,
    zh: '更新包含有不允许的路径',
    en: 'The bundle names a path that is not allowed.',
  },
  UPDATE_DOWNGRADE: {
    http: 409,
    retry: false,
    zh: '更新包的版本低于代理数据库',
    en: 'The bundle is older than the database of the agent allows.',
  },
  UPDATE_SAME_VERSION: { http: 409, retry: false, zh: '代理已是此版本', en: 'The agent runs this version already.' },
  UPDATE_NO_SPACE: { http: 507, retry: true, zh: '代理磁盘空间不足', en: 'The disk of the agent has no room for the update.' },
  UPDATE_NEEDS: {
    http: 422,
    retry: false,
    zh: '代理本机缺少更新包所需的组件',
    en: 'A package the bundle needs is not on the machine of the agent in that version.',
  },
  UPDATE_KEY_INVALID: {
    http: 422,
    retry: false,
    zh: '更新签名公钥不正确',
    en: 'This is no Ed25519 public key, or the name or key is already there.',
  },
  UPDATE_RUNNING: { http: 409, retry: true, zh: '已有更新正在试运行', en: 'Another update is on trial.' },
  UPDATE_FAILED_BEFORE: {
    http: 409,
    retry: false,
    zh: '此更新包已回退过，不再尝试',
    en: 'This bundle was rolled back and is not tried again.',
  },
  UPDATE_ROLLED_BACK: {
    http: 502,
    retry: false,
    zh: '新版本未通过试运行，已回退',
    en: 'The new version did not pass its trial; the one before runs again.',
  },
  // start and configuration
  CONFIG_INVALID: { http: 500, retry: false, zh: '配置文件有误', en: 'The configuration file has an error.' },
  PORT_TAKEN: { http: 500, retry: false, zh: '端口已被占用', en: 'The port is already in use.' },
  STORE_NEWER: { http: 500, retry: false, zh: '数据库由更新版本创建', en: 'The database was written by a newer version.' },
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** The one error class of the product. `details` holds numbers and field names, never secrets or personal data. */
export class HallError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, details: Record<string, unknown> = {}, cause?: unknown) {
    super(errorCodes[code].en, cause === undefined ? {} : { cause });
    this.name = 'HallError';
    this.code = code;
    this.details = details;
  }
}

/** The code of a thrown thing; anything that is not ours is `INTERNAL`. */
export const codeOf = (error: unknown): ErrorCode => (error instanceof HallError ? error.code : 'INTERNAL');
