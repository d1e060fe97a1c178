// Payments by hour: bars for the count, a line for the amount. ECharts is loaded with this file only. The
// numbers here position marks in the picture; the table view shows exact amounts.

import { BarChart, LineChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { showTime } from '../../../shared/format.ts'
import { LANGUAGES } from '../../../shared/i18n.ts'
import type { Dashboard } from '../api/types'
import { formatInstant, groupedAmount } from '../format'
import { usePrefs } from '../prefs'

use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer])

const still = window.matchMedia('(prefers-reduced-motion: reduce)')

export default function HourlyChart({ hours }: { hours: Dashboard['hourly'] }) {
  const { t } = useTranslation()
  const { lang, dark } = usePrefs()
  const box = useRef<HTMLDivElement>(null)

  useEffect(() => {
    if (!box.current) return
    const ink = dark ? '#b4bdc8' : '#4b5563'
    const line = dark ? '#29323d' : '#e6eaef'
    const chart = init(box.current, undefined, { renderer: 'svg' })
    chart.setOption({
      animation: !still.matches,
      aria: { enabled: true, label: { description: t('dashboard.chartText') } },
      // Okabe-Ito blue and orange: distinguishable for the colour-blind.
      color: dark ? ['#56b4e9', '#e69f00'] : ['#0072b2', '#d55e00'],
      grid: { left: 8, right: 8, top: 40, bottom: 4, containLabel: true },
      legend: { top: 0, left: 'center', textStyle: { color: ink }, itemHeight: 10 },
      tooltip: {
        trigger: 'axis',
        backgroundColor: dark ? '#1f2630' : '#fff',
        borderColor: line,
        textStyle: { color: dark ? '#e6e9ee' : '#1f2328' },
        formatter: (marks: { dataIndex: number }[]) => {
          const hour = hours[marks[0]?.dataIndex ?? 0]
          if (!hour) return ''
          return (
            `${formatInstant(hour.hour, lang)}<br>${t('dashboard.count')} <b>${hour.count}</b><br>` +
            `${t('dashboard.amount')} <b>${groupedAmount(hour.amount)} ${hour.amount.currency}</b>`
          )
        },
      },
      xAxis: {
        type: 'category',
        data: hours.map((h) => showTime(h.hour, LANGUAGES[lang])),
        axisLabel: { color: ink },
        axisLine: { lineStyle: { color: line } },
        axisTick: { show: false },
      },
      yAxis: [
        {
          type: 'value',
          name: t('dashboard.count'),
          nameTextStyle: { color: ink, align: 'left' },
          minInterval: 1,
          axisLabel: { color: ink },
          splitLine: { lineStyle: { color: line } },
        },
        {
          type: 'value',
          name: `${t('dashboard.amount')} ${hours[0]?.amount.currency ?? ''}`,
          nameTextStyle: { color: ink, align: 'right' },
          axisLabel: { color: ink },
          splitLine: { show: false },
        },
      ],
      series: [
        {
          type: 'bar',
          name: t('dashboard.count'),
          data: hours.map((h) => h.count),
          barMaxWidth: 22,
          itemStyle: { borderRadius: [3, 3, 0, 0] },
        },
        {
          type: 'line',
          name: t('dashboard.amount'),
          yAxisIndex: 1,
          data: hours.map((h) => Number(h.amount.amount)),
          symbol: 'circle',
          symbolSize: 5,
          lineStyle: { width: 2 },
        },
      ],
    })
    const watch = new ResizeObserver(() => chart.resize())
    watch.observe(box.current)
    return () => {
      watch.disconnect()
      chart.dispose()
    }
  }, [hours, lang, dark, t])

  return <div ref={box} className="chart" role="img" aria-label={t('dashboard.chartText')} data-testid="hourly-chart" />
}
