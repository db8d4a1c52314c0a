# The report's assets, compiled into deepq_train. Included by CMakeLists.txt after the target is made.
set(uplot ${deepq_SOURCE_DIR}/third_party/uplot)
deepq_embed(deepq_train FUNCTION embedded_report_assets
  FILES assets/report.html assets/report.css assets/report.js
        ${uplot}/uPlot.iife.min.js ${uplot}/uPlot.min.css ${uplot}/LICENSE)
