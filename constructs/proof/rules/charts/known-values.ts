import type { Path } from '../../types.ts';

/** The keys that a chart knows at one level of its values. */
export interface KnownLevel {
  /** Where: `[]` is the top. */
  readonly path: Path & readonly string[];
  readonly keys: ReadonlySet<string>;
  /** The chart's own schema refuses any other key, so that nothing is installed. */
  readonly closed?: true;
}

const level = (path: readonly string[], keys: string): KnownLevel => ({ path, keys: new Set(keys.split(/\s+/)) });
const closed = (path: readonly string[], keys: string): KnownLevel => ({ ...level(path, keys), closed: true });

// Of the charts' values.yaml and values.schema.json, August 2026, with what older versions knew. Only levels that are known as a whole.
const POD =
  'affinity tolerations nodeSelector podAnnotations podLabels resources priorityClassName topologySpreadConstraints imagePullSecrets';
const OF_ISTIO =
  '_internal_defaults_do_not_set enabled profile platform compatibilityVersion global hub tag variant image imagePullPolicy imagePullSecrets revision ownerName env defaultRevision resourceScope istioNamespace';
const ISTIO_GLOBAL =
  'agentgateway caAddress caName certSigners configCluster configValidation defaultPodDisruptionBudget defaultResources defaultNodeSelector defaultTolerations enableTracing externalIstiod hub imagePullPolicy imagePullSecrets ipFamilies ipFamilyPolicy istioNamespace istiod istiodRemote jwtPolicy logAsJson logging meshID meshNetworks mountMtlsCerts multiCluster nativeNftables network networkPolicy omitSidecarInjectorConfigMap oneNamespace operatorManageWebhooks peerCaCrl pilotCertProvider platform priorityClassName profile proxy proxy_init remotePilotAddress resourceScope sds sts tag tracer trustBundleName trustDomain useMCP variant waypoint autoscalingv2API enableReaderRBAC';

/** The levels of which all keys are known, by chart. */
export const KNOWN_VALUES: ReadonlyMap<string, readonly KnownLevel[]> = new Map([
  [
    'base',
    [
      level([], `${OF_ISTIO} base experimental`),
      level(['base'], 'excludedCRDs enableCRDTemplates validationURL validationCABundle enableIstioConfigCRDs'),
      level(['global'], ISTIO_GLOBAL),
    ],
  ],
  [
    'istiod',
    [
      level(
        [],
        `${OF_ISTIO} ${POD} pilot defaults autoscaleEnabled autoscaleMin autoscaleMax autoscaleBehavior replicaCount rollingMaxSurge rollingMaxUnavailable traceSampling seccompProfile cni istio_cni extraContainerArgs envVarFrom taint cpu memory volumeMounts volumes initContainers serviceAnnotations serviceAccountAnnotations sidecarInjectorWebhookAnnotations jwksResolverExtraRootCA keepaliveMaxServerConnectionAge deploymentLabels deploymentAnnotations configMap ipFamilyPolicy ipFamilies trustedZtunnelNamespace trustedZtunnelName sidecarInjectorWebhook istiodRemote telemetry revisionTags meshConfig experimental base gateways gatewayClasses pdb crlConfigMapName terminationMessagePolicy trafficDistribution plugins configSource configNamespace ztunnel`,
      ),
      level(['global'], ISTIO_GLOBAL),
      level(
        ['global', 'proxy'],
        'image autoInject clusterDomain componentLogLevel excludeInboundPorts includeInboundPorts includeIPRanges excludeIPRanges includeOutboundPorts excludeOutboundPorts logLevel outlierLogPath privileged seccompProfile readinessFailureThreshold readinessInitialDelaySeconds readinessPeriodSeconds startupProbe resources statusPort tracer lifecycle holdApplicationUntilProxyStarts enableCoreDump forceApplyIptables accessLogFile',
      ),
      level(
        ['sidecarInjectorWebhook'],
        'neverInjectSelector alwaysInjectSelector injectedAnnotations enableNamespacesByDefault reinvocationPolicy rewriteAppHTTPProbe templates defaultTemplates objectSelector useLegacySelectors injectLabel',
      ),
    ],
  ],
  [
    'cni',
    [
      level(
        [],
        `${OF_ISTIO} ${POD} cni logging pullPolicy cniBinDir cniConfDir cniConfFileName cniNetnsDir istioOwnedCNIConfigFileName istioOwnedCNIConfig excludeNamespaces daemonSetLabels chained provider ambient repair seccompProfile seLinuxOptions useAppArmorAnnotation resourceQuotas updateStrategy terminationGracePeriodSeconds rollingMaxUnavailable logLevel privileged psp_cluster_role taint`,
      ),
      level(
        ['ambient'],
        'enabled enablementSelectors configDir dnsCapture ipv6 reconcileIptablesOnStartup shareHostNetworkNamespace enableAmbientDetectionRetry',
      ),
    ],
  ],
  [
    'ztunnel',
    [
      level(
        [],
        `${OF_ISTIO} ${POD} network resourceName labels annotations volumeMounts volumes resourceQuotas peerCaCrl multiCluster meshConfig terminationGracePeriodSeconds caAddress xdsAddress logLevel logAsJson seLinuxOptions updateStrategy dnsPolicy dnsConfig istio_cni cni`,
      ),
    ],
  ],
  [
    'gateway',
    [
      closed(
        [],
        '_internal_defaults_do_not_set global enabled affinity securityContext containerSecurityContext kind annotations autoscaling env envVarFrom strategy minReadySeconds readinessProbe labels name nodeSelector podAnnotations replicaCount resources revision defaultRevision compatibilityVersion profile platform pilot runAsRoot unprivilegedPort service serviceAccount rbac tolerations topologySpreadConstraints networkGateway networkGatewayPorts imagePullPolicy imagePullSecrets podDisruptionBudget dnsPolicy dnsConfig terminationGracePeriodSeconds volumes volumeMounts initContainers additionalContainers priorityClassName lifecycle',
      ),
      level(
        ['service'],
        'type clusterIP selectorLabels ports annotations loadBalancerIP loadBalancerClass loadBalancerSourceRanges externalTrafficPolicy internalTrafficPolicy healthCheckNodePort externalIPs ipFamilyPolicy ipFamilies allocateLoadBalancerNodePorts trafficDistribution',
      ),
    ],
  ],
  [
    'cert-manager',
    [
      closed(
        [],
        'acmesolver affinity approveSignerNames automountServiceAccountToken cainjector clusterResourceNamespace config containerSecurityContext crds creator deploymentAnnotations disableAutoApproval dns01RecursiveNameservers dns01RecursiveNameserversOnly enableCertificateOwnerRef enableServiceLinks enabled extraArgs extraEnv extraObjects featureGates fullnameOverride global hostAliases http_proxy https_proxy image imageRegistry imageNamespace ingressShim installCRDs livenessProbe maxConcurrentChallenges nameOverride namespace no_proxy nodeSelector podAnnotations podDisruptionBudget podDnsConfig podDnsPolicy podLabels prometheus readinessProbe replicaCount resources securityContext serviceAccount serviceAnnotations serviceIPFamilies serviceIPFamilyPolicy serviceLabels startupapicheck strategy tolerations topologySpreadConstraints verticalPodAutoscaler volumeMounts volumes webhook runtimeClassName',
      ),
      closed(['crds'], 'enabled keep'),
    ],
  ],
  [
    'metallb',
    [
      level(
        [],
        'imagePullSecrets nameOverride fullnameOverride fullNameOverride loadBalancerClass rbac tls prometheus controller speaker crds frrk8s frr-k8s networkpolicies global psp existingConfigMap configInline configInLine',
      ),
      level(['crds'], 'enabled validationFailurePolicy'),
      level(
        ['speaker'],
        'enabled command logLevel tolerateMaster memberlist excludeInterfaces ignoreExcludeLB bgpDebounceTimeout image updateStrategy serviceAccount securityContext secretName resources nodeSelector tolerations priorityClassName affinity runtimeClassName podAnnotations labels livenessProbe readinessProbe startupProbe frr reloader frrMetrics initContainers extraContainers',
      ),
      level(
        ['controller'],
        'enabled command logLevel webhookMode image strategy serviceAccount securityContext resources nodeSelector tolerations priorityClassName runtimeClassName affinity podAnnotations labels livenessProbe readinessProbe startupProbe extraContainers tlsMinVersion tlsCipherSuites',
      ),
    ],
  ],
  [
    'opentelemetry-operator',
    [
      level(
        [],
        'namespaceOverride replicaCount revisionHistoryLimit minReadySeconds nameOverride fullnameOverride imagePullSecrets clusterDomain additionalLabels pdb manager kubeRBACProxy admissionWebhooks crds role clusterRole affinity tolerations nodeSelector topologySpreadConstraints hostNetwork hostUsers priorityClassName securityContext automountServiceAccountToken testFramework extraObjects global',
      ),
      level(
        ['manager'],
        'image collectorImage opampBridgeImage targetAllocatorImage autoInstrumentationImage autoInstrumentation ignoreMissingCollectorCRDs config featureGates featureGatesMap ports metrics resources env extraEnvs serviceAccount serviceMonitor podMonitor deploymentAnnotations serviceAnnotations podAnnotations podLabels prometheusRule createRbacPermissions extraArgs leaderElection verticalPodAutoscaler rolling securityContext startupProbe livenessProbe readinessProbe',
      ),
      level(
        ['admissionWebhooks'],
        'create servicePort failurePolicy secretName pods namePrefix timeoutSeconds namespaceSelector objectSelector certManager autoGenerateCert certFile keyFile caFile cert_file key_file ca_file serviceAnnotations secretAnnotations secretLabels',
      ),
      level(
        ['admissionWebhooks', 'certManager'],
        'enabled issuerRef certificateAnnotations issuerAnnotations duration renewBefore create',
      ),
      level(['crds'], 'create annotations installed'),
    ],
  ],
  [
    'kiali-operator',
    [
      level(
        [],
        'nameOverride fullnameOverride image nodeSelector podAnnotations podLabels env tolerations resources affinity replicaCount priorityClassName securityContext runnerVolume extraVolumeMounts extraVolumes extraLabels metrics debug watchNamespace clusterRoleCreator secretReader onlyViewOnlyMode allowAdHocKialiNamespace allowAdHocKialiImage allowAdHocOSSMConsoleImage allowAdHocContainers allowSecurityContextOverride allowAllAccessibleNamespaces accessibleNamespacesLabel ignoreHomeCluster watchesFile hostNetwork global cr probes extraArgs',
      ),
      level(['cr'], 'create name namespace annotations labels spec'),
    ],
  ],
  [
    'tempo',
    [
      level(
        [],
        'global nameOverride fullnameOverride replicas revisionHistoryLimit labels annotations tempo config tempoQuery securityContext serviceAccount service route serviceMonitor persistence podAnnotations podLabels extraLabels initContainers extraContainers extraVolumes nodeSelector tolerations affinity priorityClassName networkPolicy hostAliases ingress extraObjects topologySpreadConstraints podManagementPolicy minReadySeconds terminationGracePeriodSeconds podDisruptionBudget autoscaling rbac',
      ),
    ],
  ],
  [
    'loki',
    [
      level(
        [],
        'global kubeVersionOverride nameOverride fullnameOverride namespaceOverride clusterLabelOverride imagePullSecrets deploymentMode commonLabels defaults loki enterprise kubectlImage test lokiCanary serviceAccount rbac networkPolicy memberlist adminApi gateway enterpriseGateway ingress route migrate singleBinary write read backend ingester distributor querier queryFrontend queryScheduler indexGateway compactor bloomCompactor bloomGateway bloomPlanner bloomBuilder patternIngester ruler overridesExporter memcached memcachedExporter resultsCache chunksCache rollout_operator minio extraObjects sidecar monitoring tableManager',
      ),
      level(
        ['loki'],
        'livenessProbe readinessProbe startupProbe image annotations podAnnotations podLabels serviceAnnotations serviceLabels service revisionHistoryLimit podSecurityContext containerSecurityContext enableServiceLinks hostUsers dnsConfig kedaAutoscaling configStorageType configObjectName generatedConfigObjectName config auth_enabled memberlistConfig extraMemberlistConfig tenants server limits_config runtimeConfig commonConfig storage schemaConfig useTestSchema testSchemaConfig rulerConfig structuredConfig query_scheduler storage_config compactor compactor_grpc_client pattern_ingester analytics ui query_range querier ingester ingester_client block_builder index_gateway frontend frontend_worker distributor tracing bloom_build bloom_gateway operational_config ruler_storage existingSecretForConfig',
      ),
      level(
        ['loki', 'storage'],
        'bucketNames type s3 gcs azure swift alibabacloud bos cos filesystem use_thanos_objstore object_store',
      ),
      level(
        ['singleBinary', 'persistence'],
        'whenScaled whenDeleted enableStatefulSetAutoDeletePVC enableStatefulSetRecreationForSizeChange type enabled accessModes size storageClass volumeAttributesClassName selector annotations labels dataVolumeParameters volumeClaimsEnabled',
      ),
    ],
  ],
  [
    'kube-prometheus-stack',
    [
      level(
        [],
        'nameOverride namespaceOverride kubeTargetVersionOverride kubeVersionOverride fullnameOverride commonLabels crds customRules defaultRules additionalPrometheusRules additionalPrometheusRulesMap global windowsMonitoring prometheus-windows-exporter alertmanager grafana kubernetesServiceMonitors kubeApiServer kubelet kubeControllerManager coreDns kubeDns kubeEtcd kubeScheduler kubeProxy kubeStateMetrics kube-state-metrics nodeExporter prometheus-node-exporter prometheusOperator prometheus thanosRuler cleanPrometheusOperatorObjectNames extraManifests prometheus-adapter networkPolicy',
      ),
      level(['crds'], 'enabled upgradeJob'),
      level(
        ['prometheus'],
        'enabled agentMode annotations additionalLabels networkPolicy serviceAccount thanosService thanosServiceMonitor thanosServiceExternal thanosIngress service servicePerReplica podDisruptionBudget podSecurityPolicy ingress ingressPerReplica route routePerReplica extraSecret serviceMonitor prometheusSpec additionalRulesForClusterRole additionalServiceMonitors additionalPodMonitors prometheusConfigReloader',
      ),
      level(
        ['prometheus', 'prometheusSpec'],
        'additionalAlertManagerConfigs additionalAlertManagerConfigsSecret additionalAlertRelabelConfigs additionalAlertRelabelConfigsSecret additionalArgs additionalConfig additionalConfigString additionalPrometheusSecretsAnnotations additionalRemoteRead additionalRemoteWrite additionalScrapeConfigs additionalScrapeConfigsSecret affinity alertingEndpoints allowOverlappingBlocks apiserverConfig arbitraryFSAccessThroughSMs automountServiceAccountToken configMaps containers convertClassicHistogramsToNHCB disableCompaction dnsConfig dnsPolicy enableAdminAPI enableFeatures enableOTLPReceiver enableRemoteWriteReceiver enableServiceLinks enforcedKeepDroppedTargets enforcedLabelLimit enforcedLabelNameLengthLimit enforcedLabelValueLengthLimit enforcedNamespaceLabel enforcedSampleLimit enforcedTargetLimit evaluationInterval excludedFromEnforcement exemplars externalLabels externalUrl hostAliases hostNetwork hostUsers ignoreNamespaceSelectors image imagePullPolicy initContainers listenLocal logFormat logLevel maximumStartupDurationSeconds minReadySeconds nameValidationScheme nodeSelector otlp overrideHonorLabels overrideHonorTimestamps paused persistentVolumeClaimRetentionPolicy podAntiAffinity podAntiAffinityTopologyKey podManagementPolicy podMetadata podMonitorNamespaceSelector podMonitorSelector podMonitorSelectorNilUsesHelmValues podTargetLabels portName priorityClassName probeNamespaceSelector probeSelector probeSelectorNilUsesHelmValues prometheusExternalLabelName prometheusExternalLabelNameClear prometheusRulesExcludedFromEnforce query queryLogFile remoteRead remoteWrite remoteWriteDashboards replicaExternalLabelName replicaExternalLabelNameClear replicas resources retention retentionSize routePrefix ruleNamespaceSelector ruleSelector ruleSelectorNilUsesHelmValues rules runtime sampleLimit scrapeClasses scrapeConfigNamespaceSelector scrapeConfigSelector scrapeConfigSelectorNilUsesHelmValues scrapeFailureLogFile scrapeInterval scrapeProtocols scrapeTimeout secrets securityContext serviceAccountName serviceDiscoveryRole serviceMonitorNamespaceSelector serviceMonitorSelector serviceMonitorSelectorNilUsesHelmValues serviceName sha shards storage storageSpec tag targetLimit terminationGracePeriodSeconds thanos tolerations topologySpreadConstraints tracingConfig tsdb updateStrategy version volumeMounts volumes walCompression web shardRetentionPolicy bodySizeLimit keepDroppedTargets labelLimit labelNameLengthLimit labelValueLengthLimit scrapeNativeHistograms scrapeClassicHistograms enforcedBodySizeLimit prometheusConfigReloader baseImage',
      ),
    ],
  ],
]);
