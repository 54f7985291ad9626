/** The page of an agent that waits to be admitted, and of one that has no board to show at this address. */
import type { Codes } from '../enrolment/enrol.ts';

/** Loads itself anew, so that the board comes by itself once the agent is admitted. Codes are letters and digits only. */
export function enrolmentPage(codes: Codes | undefined): string {
  const body = codes
    ? `<h1>等待登记 <span lang="en">Waiting to be admitted</span></h1>
  <p>请在控制台“代理”页核对此校验码 <span lang="en">Compare this code in the console, room “Agents”</span></p>
  <p class="code" id="code">${codes.code}</p>
  <p>服务器校验码 <span lang="en">Code of the server</span></p>
  <p class="code small" id="trust-code">${codes.trustCode}</p>`
    : `<h1>大厅边缘代理 <span lang="en">Edge agent</span></h1>`;
  return `<!doctype html>
<html lang="zh-CN">
<head>
  <meta charset="utf-8">
  <meta http-equiv="refresh" content="2">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>大厅边缘代理</title>
  <link rel="stylesheet" href="/fonts/index.css">
  <link rel="stylesheet" href="/kiosk/enrolment.css">
</head>
<body>
<main>
  ${body}
</main>
</body>
</html>
`;
}
